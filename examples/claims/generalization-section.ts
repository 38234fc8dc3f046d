import { join } from 'node:path';
import { formatTable, savePicture, tradeOffPicture, unpairedDifference, type Cell, type Mean } from 'hypermeta';
import { describeMachine } from '../describe-machine';
import { readRecords, type LearnerRun } from './records';
import { chosenScore, methodsOf, type MethodRuns } from './summarize';

/** Characters of meta-training, where all are there. */
const all = 1028;
const sizes = [50, 200, undefined] as const;

/** Seen and unseen classes, and tasks of another distribution; nothing where no learner was trained. */
export async function generalizationSection(results: string): Promise<string | undefined> {
  const folder = join(results, 'claims');
  const learners = readRecords<LearnerRun>(join(folder, 'learners.json'));
  const bySize = sizes.map((classes) => ({ classes: classes ?? all, methods: methodsOf(learners, 'characters', classes).filter(({ name }) => name !== 'from scratch') }));
  const isThere = bySize.every(({ methods }) => methods.length > 0);
  const waves = methodsOf(learners, 'waves');
  if (!isThere && waves.length === 0) return undefined;
  const parts = ['## Generalization: fewer classes, other tasks'];
  if (isThere) parts.push(...(await charactersParts(folder, bySize)));
  if (waves.length > 0) parts.push(...wavesParts(waves));
  return [...parts, describeMachine(learners)].join('\n\n');
}

interface SizedMethods {
  readonly classes: number;
  readonly methods: readonly MethodRuns[];
}

async function charactersParts(folder: string, bySize: readonly SizedMethods[]): Promise<readonly string[]> {
  const names = bySize.at(-1)!.methods.map(({ name }) => name); // there are sizes
  const found = (name: string) => bySize.flatMap(({ classes, methods }) => methods.filter((method) => method.name === name).map((method) => ({ classes, method })));
  const picture = async (file: string, metric: string, title: string, value: (method: MethodRuns) => Mean | undefined) => {
    const series = names.map((name) => ({
      name,
      points: found(name).flatMap(({ classes, method }) => {
        const mean = value(method);
        return mean ? [{ cost: classes, value: mean.mean, interval: mean.interval }] : [];
      }),
    }));
    const subtitle = `${all.toLocaleString('en')} is all of them; every one is there in four rotations.`;
    await savePicture(await tradeOffPicture({ series, metric, cost: 'characters to meta-train on', title, subtitle }), join(folder, file));
    return `![${title}](results/claims/${file}.svg)`;
  };
  const rows = names.flatMap((name) =>
    found(name).map(({ classes, method }) => [name, classes, ...['seen', 'unseen'].map((test) => cell(chosenScore(method, test))), cell(gapOf(method)), cell(chosenScore(method, 'shifted'))]),
  );
  return [
    `Five-way one-shot characters, network 784-256-128-64-64-5. Every learner was meta-trained on 50, 200 and all ${all.toLocaleString('en')} characters (each in four rotations), with the setting that did best on validation characters with all of them; the meta-parameters that were best on validation characters were kept. “seen”: new episodes of the upright characters that were meta-trained on; “unseen”: of 423 others, all but four of them from other alphabets; gap: seen less unseen; “digits”: five of MNIST’s test digits, which nothing was trained on.`,
    formatTable(['', 'classes', 'seen', 'unseen', 'gap', 'digits'], rows, { style: 'markdown' }),
    `Accuracy on ${bySize[0]!.methods[0]!.runs[0]!.values.length} episodes; one seed, ± is half of a 95 % interval over episodes, each query predicted on its own. ${bestUnseen(bySize)}`,
    await picture('generalization-gap', 'accuracy, seen less unseen', 'The gap between seen and unseen characters', gapOf),
    await picture('generalization-unseen', 'accuracy on unseen characters', 'Unseen characters', (method) => chosenScore(method, 'unseen')),
  ];
}

function gapOf(method: MethodRuns): Mean | undefined {
  const [seen, unseen] = [chosenScore(method, 'seen'), chosenScore(method, 'unseen')];
  return seen && unseen && unpairedDifference(seen, unseen);
}

function bestUnseen(bySize: readonly SizedMethods[]): string {
  const words = bySize.map(({ classes, methods }) => {
    const best = (kind: LearnerRun['kind']) =>
      methods.filter((method) => method.kind === kind).map((method) => ({ name: method.name, score: chosenScore(method, 'unseen')! })).sort((one, other) => other.score.mean - one.score.mean)[0]!;
    const [ours, theirs] = [best('hypernetwork'), best('traditional')];
    return `${classes.toLocaleString('en')}: ${ours.name} ${ours.score.mean.toFixed(3)}, ${theirs.name} ${theirs.score.mean.toFixed(3)}`;
  });
  return `By these scores, the best hypernetwork and the best traditional learner on unseen characters, from so many: ${words.join('; ')}.`;
}

function wavesParts(methods: readonly MethodRuns[]): readonly string[] {
  const rows = methods.map((method) => {
    const [unseen, shifted] = [chosenScore(method, 'unseen')!, chosenScore(method, 'shifted')];
    const runs = method.runs.flatMap((run) => {
      const at = (test: string) => run.scores[test]?.find(({ steps }) => steps === run.steps)?.mean;
      const [own, other] = [at('unseen'), at('shifted')];
      return own === undefined || other === undefined ? [] : [other / own];
    });
    const times = runs.reduce((sum, ratio) => sum + ratio, 0) / Math.max(runs.length, 1);
    return [method.name, cell(unseen), cell(shifted), times];
  });
  return [
    '### Sine waves of amplitude 5 to 8',
    formatTable(['', 'amplitude 0.1 to 5', 'amplitude 5 to 8', 'times'], rows, { style: 'markdown' }),
    'Mean squared error on 100 other points, after the number of steps that is best on validation waves of amplitude 0.1 to 5. The mean square of the waves themselves is 5.1 times as large: “times” beyond that is what leaving the distribution costs.',
  ];
}

function cell(score: Mean | undefined): Cell {
  return score ? { value: score.mean, interval: score.interval } : '';
}
