import { join } from 'node:path';
import { formatTable, savePicture, stepsPicture, tradeOffPicture } from 'hypermeta';
import { describeMachine } from '../describe-machine';
import { readRecords, type LearnerRun } from './records';
import { chosenScore, describeLead, describeRuns, methodsOf, scoreAfter, stepsOf, type MethodRuns } from './summarize';
import type { AdaptationTime } from './time-adaptation';

const titles: Readonly<Record<string, string>> = { waves: 'Sine waves from 10 points', characters: 'Five characters from one drawing each' };

/** Where a picture would be too full. */
const onlyInTable: readonly string[] = ['hypernetwork, set encoder', 'from scratch'];

/** Quality against inner steps and milliseconds; nothing where no learner was trained. */
export async function speedSection(results: string): Promise<string | undefined> {
  const folder = join(results, 'claims');
  const learners = readRecords<LearnerRun>(join(folder, 'learners.json'));
  const times = readRecords<AdaptationTime>(join(folder, 'times.json'));
  const parts: string[] = [];
  const tried: string[] = [];
  for (const domain of ['waves', 'characters']) {
    const methods = methodsOf(learners, domain);
    if (methods.length === 0) continue;
    parts.push(...(await domainParts(folder, domain, methods, times.filter((time) => time.domain === domain))));
    const atEdge = methods.filter(({ runs }) => isAtEdge(runs[0]!)).map(({ name }) => name);
    if (atEdge.length > 0) parts.push(`The first or the last of the settings tried was the best, so that others may be better, for ${atEdge.join(', ')}.`);
    tried.push(`${Math.max(...methods.map(({ runs }) => runs[0]!.tried.length))} on ${domain}`); // a method has a run
  }
  if (parts.length === 0) return undefined;
  return [
    '## Fast adaptation: quality against inner steps and milliseconds',
    `Every learner had as many settings to choose from on validation tasks (${tried.join(', ')}), about the same processor time to meta-train for each, and the number of steps it does best with on validation tasks; test tasks were scored once. Fine-tuning starts from one network trained on all tasks together; from scratch, the same network starts at random: both take Adam. Milliseconds are of the processor, for one task, from examples to a network that predicts (\`trainer.adapt\`), compiled for that number of steps (100 and more steps on waves: one after another), all methods in turn: medians of 9 rounds.`,
    ...parts,
    describeMachine([...learners, ...times]),
  ].join('\n\n');
}

function isAtEdge({ settings, tried }: LearnerRun): boolean {
  return [tried[0], tried.at(-1)].some((trial) => trial?.about === settings['about']);
}

async function domainParts(folder: string, domain: string, methods: readonly MethodRuns[], times: readonly AdaptationTime[]): Promise<readonly string[]> {
  const { metric, better } = methods[0]!.runs[0]!;
  const scale = better === 'lower' ? 'log' : 'linear';
  const shown = methods.length > 7 ? methods.filter(({ name }) => !onlyInTable.includes(name)) : methods; // a picture holds seven
  const timeOf = (name: string, steps: number) => times.find((time) => time.method === name && time.steps === steps)?.cpuMs.median;
  const upTo10 = shown.map((method) => ({
    name: method.name,
    points: stepsOf(method).filter((steps) => steps <= 10).map((step) => ({ step, value: scoreAfter(method, 'unseen', step)!.mean, interval: scoreAfter(method, 'unseen', step)!.interval })),
  }));
  const title = titles[domain]!;
  await savePicture(await stepsPicture({ series: upTo10, metric, title: `${title}: inner steps`, scale }), join(folder, `speed-${domain}-steps`));
  const pictures = [`![${title}: inner steps](results/claims/speed-${domain}-steps.svg)`];
  if (times.length > 0) {
    const series = shown.map((method) => ({
      name: method.name,
      points: stepsOf(method).flatMap((steps) => {
        const [cost, score] = [timeOf(method.name, steps), scoreAfter(method, 'unseen', steps)!];
        return cost === undefined ? [] : [{ cost, value: score.mean, interval: score.interval }];
      }),
    }));
    const subtitle = 'Points along a line: 0, 1, 2, 3, 5, 10 inner steps, and more of fine-tuning and from scratch.';
    await savePicture(await tradeOffPicture({ series: series.filter(({ points }) => points.length > 0), metric, cost: 'milliseconds to adapt', title: `${title}: milliseconds`, subtitle, scale }), join(folder, `speed-${domain}-ms`));
    pictures.push(`![${title}: milliseconds](results/claims/speed-${domain}-ms.svg)`);
  }
  const rows = methods.map((method) => {
    const steps = method.runs[0]!.steps;
    const cell = (after: number) => {
      const score = scoreAfter(method, 'unseen', after);
      return score ? { value: score.mean, interval: score.interval } : '';
    };
    const { facts, settings, tried } = method.runs[0]!;
    const seconds = Math.max(...tried.map((each) => each.seconds)); // what settings share is made once
    return [method.name, String(settings['about']), seconds, cell(0), cell(1), cell(5), steps, cell(steps), timeOf(method.name, steps) ?? '', facts.adaptedValues];
  });
  const header = ['', 'setting', 's to meta-train, at most', 'no step', '1 step', '5 steps', 'best steps', metric, 'ms', 'adapted values'];
  return [`### ${title}`, formatTable(header, rows, { style: 'markdown' }), `${describeRuns(methods)} ${describeLead(methods)} ${fastest(methods, timeOf)}`, ...pictures];
}

/** Who is quickest to adapt, and how good it is then. */
function fastest(methods: readonly MethodRuns[], timeOf: (name: string, steps: number) => number | undefined): string {
  const timed = methods.flatMap((method) => {
    const ms = timeOf(method.name, method.runs[0]!.steps);
    return ms === undefined ? [] : [{ name: method.name, ms, score: chosenScore(method, 'unseen')! }];
  });
  const [first] = timed.sort((one, other) => one.ms - other.ms);
  return first ? `Quickest to adapt: ${first.name}, ${first.ms.toFixed(2)} ms for ${first.score.mean.toFixed(3)}.` : '';
}
