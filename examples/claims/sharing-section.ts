import { join } from 'node:path';
import { countParams, formatTable, meanInterval, savePicture, tradeOffPicture, type Cell, type Mean, type TradeOffPicture } from 'hypermeta';
import { describeMachine } from '../describe-machine';
import { waveBase } from '../tables/waves';
import { readRecords, type LearnerRun } from './records';
import type { SharedRun } from './share-tasks';
import { chosenScore, describeRuns, methodsOf, type MethodRuns } from './summarize';

const amounts = [1, 10, 100, 1000];
const bytesAlone = 4 * countParams(waveBase.specs);

/** Stored bytes against quality; nothing where no learner was trained. */
export async function sharingSection(results: string): Promise<string | undefined> {
  const folder = join(results, 'claims');
  const learners = readRecords<LearnerRun>(join(folder, 'learners.json'));
  const shared = readRecords<SharedRun>(join(folder, 'sharing.json'));
  const waves = methodsOf(learners, 'waves');
  if (waves.length === 0 || shared.length === 0) return undefined;
  const characters = methodsOf(learners, 'characters');
  const parts = [
    '## Parameter sharing: what is stored for 1 to 1,000 tasks',
    'Bytes are of all float32 values that predicting the tasks again needs: the model’s meta-parameters, and what each task keeps beside them (its embedding, context, head or weights; batch norm is not used). Every task is known by its few examples alone; quality is that on other points of it. “Meta-learned” models were meta-trained on other tasks, adapt to each new one, and do not get better or worse with their number. Those trained “on these tasks” have seen nothing else: there, sharing has to earn its bytes.',
    await picture(join(folder, 'sharing-waves'), {
      title: 'Sine waves from 10 points: error and stored bytes',
      metric: 'mse on other points',
      scale: 'log',
      series: [...trainedTogether(shared), ...waves.filter(({ name }) => inWavesPicture.includes(name)).map(seriesOf)],
    }),
    '### 1 to 1,000 sine waves, trained on these tasks alone',
    sharedTable(shared, waves.find(({ name }) => name === 'from scratch')),
    `Mean squared error on 100 other points of each wave; ± is half of a 95 % interval over draws of the waves (at most 8, 5, 3, 3; none where there is one). One network each, on 300 other waves and with the interval over those: ${bytesAlone} bytes a task, trained by Adam, rate and steps chosen on other waves. Of the shared models, outer rate (three) and steps (four) were chosen on other draws. ${describeMachine(shared)}`,
    '### Sine waves, meta-learned',
    storedTable(waves),
    describeRuns(waves),
  ];
  if (characters.length > 0)
    parts.push(
      '### Characters, meta-learned',
      await picture(join(folder, 'sharing-characters'), {
        title: '5-way characters from one drawing each: accuracy and stored bytes',
        metric: 'accuracy on other drawings',
        series: characters.map(seriesOf),
      }),
      storedTable(characters),
      describeRuns(characters),
    );
  return parts.join('\n\n');
}

const inWavesPicture = ['hypernetwork', 'MAML, learned rates', 'CAVIA', 'R2-D2, no step', 'from scratch'];

async function picture(path: string, settings: Omit<TradeOffPicture, 'cost' | 'subtitle'>): Promise<string> {
  await savePicture(await tradeOffPicture({ ...settings, cost: 'bytes', subtitle: 'Points from left to right: 1, 10, 100 and 1,000 tasks.' }), path);
  return `![${settings.title}](results/claims/${path.split('/').at(-1)!}.svg)`;
}

/** What a method keeps for so many tasks. Training each alone needs no model. */
function bytesFor({ name, runs }: MethodRuns, tasks: number): number {
  const { metaParameters, bytesPerTask } = runs[0]!.facts;
  return (name === 'from scratch' ? 0 : 4 * metaParameters) + tasks * bytesPerTask;
}

function seriesOf(method: MethodRuns) {
  const { mean, interval } = chosenScore(method, 'unseen')!;
  const name = method.name === 'from scratch' ? 'a network each, from scratch' : `${method.name}, meta-learned`;
  return { name, points: amounts.map((tasks) => ({ cost: bytesFor(method, tasks), value: mean, interval })) };
}

function trainedTogether(shared: readonly SharedRun[]) {
  return [...new Set(shared.map(({ method }) => method))].map((name) => ({
    name: `${name}, on these tasks`,
    points: amounts.flatMap((tasks) => {
      const own = shared.filter((run) => run.method === name && run.tasks === tasks);
      return own.length === 0 ? [] : [{ cost: own[0]!.bytes, value: errorOf(own).mean, interval: errorOf(own).interval }];
    }),
  }));
}

const errorOf = (runs: readonly SharedRun[]): Mean => meanInterval(runs.map(({ mse }) => mse), { quantile: 'student' });

function sharedTable(shared: readonly SharedRun[], alone: MethodRuns | undefined): string {
  const names = [...new Set(shared.map(({ method }) => method))];
  const rows = amounts.flatMap((tasks) => {
    const cells = names.flatMap((name): readonly Cell[] => {
      const own = shared.filter((run) => run.method === name && run.tasks === tasks);
      const { mean, interval } = errorOf(own);
      return own.length === 0 ? ['', ''] : [own[0]!.bytes, own.length === 1 ? mean : { value: mean, interval }];
    });
    const score = alone && chosenScore(alone, 'unseen');
    const separate: readonly Cell[] = score ? [tasks * bytesAlone, { value: score.mean, interval: score.interval }] : ['', ''];
    return cells.every((cell) => cell === '') ? [] : [[`${tasks.toLocaleString('en')} ${tasks === 1 ? 'task' : 'tasks'}`, ...separate, ...cells]];
  });
  return formatTable(['', 'a network each: bytes', 'mse', ...names.flatMap((name) => [`${name}: bytes`, 'mse'])], rows, { style: 'markdown' });
}

function storedTable(methods: readonly MethodRuns[]): string {
  const rows = methods.map((method) => {
    const { mean, interval } = chosenScore(method, 'unseen')!;
    return [method.name, bytesFor(method, 0), method.runs[0]!.facts.bytesPerTask, bytesFor(method, 1000), { value: mean, interval }];
  });
  return formatTable(['', 'bytes of the model', 'bytes of a task', 'bytes for 1,000 tasks', methods[0]!.runs[0]!.metric], rows, { style: 'markdown' });
}
