/**
 * npm run article -- --data DIR
 *
 * The working version of an article's idea: a base network 784 → 128 → 10 for digits, whose weights a hypernetwork with
 * hidden layers 128-128 generates from a task embedding; pre-trained over several tasks (digits rotated by an angle, or
 * with their pixels permuted), then adapted to a new one. The article claims parameter sharing, fast adaptation and
 * better generalization than training each network alone. Each claim is printed here as a number, whichever way it falls.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  chunkedHypernetwork,
  cosine,
  describeEngine,
  evaluateFromScratch,
  flattenInputs,
  formatTable,
  fullHypernetwork,
  hyperLearner,
  learnedRates,
  metaTrainer,
  mlp,
  pairedDifference,
  readLabelledIdx,
  setEncoder,
  stepsPicture,
  summarize,
  transformedImages,
  withProgress,
  type LabelledSet,
  type Mean,
  type MetaTrainer,
  type Network,
  type Score,
  type TaskSource,
} from 'hypermeta';
import { savePictures } from './save-pictures';
import { resultRow, saveResults, type ResultRow } from './save-results';

const help = `Usage: npm run article -- --data DIR [options]

  Puts an article's claims for hypernetworks to the test on digits that are rotated or whose pixels are permuted.

  --data DIR           folder with MNIST's four files: train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz and the two
                       that begin with t10k
  --seed TEXT          source of all chance: the same seed prints the same accuracies (default one)
  --out DIR            where the picture and the results go (default demo-output)
  --quick              ten steps: does it run?`;

const kinds = ['rotation', 'permutation'] as const;
type Kind = (typeof kinds)[number];

const innerSteps = 3;
const afterSteps = [0, 1, 2, 3, 5, 10];
const tasksOfEachKind = 20;

async function main(): Promise<void> {
  const words = readArguments();
  if (words.help) return console.log(help);
  const { data, seed, out, quick } = words;
  if (!data) throw new RangeError("article: expected --data DIR, the folder with MNIST's four gzip files; see --help.");
  const [steps, episodes] = quick ? [10, 20] : [900, 100];
  const [train, test] = [readDigits(data, 'train'), readDigits(data, 't10k')];

  // No softmax layer: the outputs are logits; the loss and `predict` put the softmax on them.
  const base = mlp([784, 128, 10]);
  const family = chunkedHypernetwork({ embeddingSize: 16, hidden: [128, 128], chunkSize: 500 });
  const start = setEncoder({ size: 16, inputShape: [784], targetShape: [10], hidden: [64] });
  const learner = learnedRates(hyperLearner(base, family, { start, adapt: 'weights' }), { steps: innerSteps });
  const trainer = await metaTrainer(learner, bothKinds(train), {
    innerSteps,
    innerLearningRate: 0.1,
    innerClip: { by: 'norm', limit: 10 },
    metaBatchSize: 8,
    outerLearningRate: cosine(0.001, steps, { end: 0.00003 }),
    outerClip: { by: 'norm', limit: 10 },
    seed,
  });
  console.log(`${describeEngine().text}\n`);

  const began = performance.now();
  for await (const event of withProgress(trainer.train({ steps }), { total: steps })) void event;
  const seconds = (performance.now() - began) / 1000;

  const chunked = summarize(family.build(base.specs));
  const full = summarize(fullHypernetwork({ embeddingSize: 16, hidden: [128, 128] }).build(base.specs));
  console.log('\nParameter sharing: weights to keep for all the tasks of meta-training');
  console.log(
    formatTable(
      ['', 'weights'],
      [
        [`${2 * tasksOfEachKind} separate networks`, chunked.generatedWeights * 2 * tasksOfEachKind],
        ['a chunked hypernetwork, as trained here', chunked.ownParameters],
        ["a full hypernetwork, as in the article's text", full.ownParameters],
      ],
      { digits: 0 },
    ),
  );

  const results = [];
  for (const kind of kinds) results.push(await compareOnUnseen(kind, test, { base, trainer, episodes }));
  console.log('\nFast adaptation and generalization: accuracy on tasks and drawings never seen, 5 examples a class');
  console.log(formatTable(['', ...kinds.map((kind) => `unseen ${kind}s`)], rowsOf(results)));

  console.log('\nCost');
  console.log(formatTable(['', ''], await cost(trainer, unseen('rotation', test), seconds, steps)));

  const series = results.map(({ kind, scores }) => ({
    name: `unseen ${kind}s`,
    points: scores.map(({ steps: step, mean, interval }) => ({ step, value: mean, interval })),
  }));
  const alone = results.map(({ kind, scratch }) => ({
    name: `${kind}s, from scratch`,
    points: afterSteps.map((step) => ({ step, value: scratch.mean })),
  }));
  const title = 'Digits under unseen rotations and permutations';
  await savePictures(await stepsPicture({ series: [...series, ...alone], metric: 'accuracy', title }), `${out}/article`);
  const weights = { chunked: chunked.ownParameters, full: full.ownParameters, generated: chunked.generatedWeights };
  const protocol = { shots: 5, innerSteps, steps, metaBatchSize: 8, tasksOfEachKind, weights };
  saveResults(join(out, 'article.json'), 'article', protocol, seconds, results.flatMap((result) => accuracies(result, seed)));
  trainer.dispose();
}

/** One kind of unseen task: the meta-learned network after some steps, and the same network trained alone. */
interface Comparison {
  readonly kind: Kind;
  readonly scores: readonly Score[];
  readonly scratch: Score;
}

async function compareOnUnseen(
  kind: Kind,
  digits: LabelledSet,
  { base, trainer, episodes }: { readonly base: Network; readonly trainer: MetaTrainer; readonly episodes: number },
): Promise<Comparison> {
  const source = unseen(kind, digits);
  const { scores } = await trainer.evaluate({ source, steps: afterSteps, episodes });
  const choices = { learningRates: [0.001, 0.003, 0.01], steps: [10, 30], validationEpisodes: Math.min(25, episodes) };
  const { best } = await evaluateFromScratch(base, source, { ...choices, episodes });
  return { kind, scores, scratch: best };
}

/** Accuracies, and the paired difference to training alone: positive where the claim holds. */
function rowsOf(results: readonly Comparison[]) {
  const at = ({ scores }: Comparison, steps: number) => scores.find((score) => score.steps === steps)!;
  const cell = ({ mean, interval }: { readonly mean: number; readonly interval: number }) => ({ value: mean, interval });
  return [
    ...afterSteps.map((steps) => [`after ${steps} steps`, ...results.map((result) => cell(at(result, steps)))]),
    ['trained alone, tuned', ...results.map(({ scratch }) => cell(scratch))],
    [
      `${innerSteps} steps less trained alone`,
      ...results.map((result) => cell(pairedDifference(at(result, innerSteps).values, result.scratch.values))),
    ],
  ];
}

/** What the table shows. */
function accuracies({ kind, scores, scratch }: Comparison, seed: string): readonly ResultRow[] {
  const row = (learner: string, score: Mean) => resultRow(`unseen ${kind}s`, learner, 'accuracy', score, seed);
  return [...scores.map((score) => row(`hypernetwork, ${score.steps} steps`, score)), row('trained alone', scratch)];
}

async function cost(trainer: MetaTrainer, source: TaskSource, seconds: number, steps: number): Promise<[string, string][]> {
  const { support } = source.sample('cost', 0);
  const y = Array.from({ length: support.count }, (_, index) => support.y.subarray(index * 10, (index + 1) * 10).indexOf(1));
  const adapt = () => trainer.adapt({ x: support.x, y });
  const adapted = await adapt();
  const rows: [string, string][] = [
    ['meta-training', `${seconds.toFixed(0)} s, ${((1000 * seconds) / steps).toFixed(0)} ms a step of 8 tasks`],
    [`adapting, ${innerSteps} steps on ${support.count} digits`, `${(await median(async () => (await adapt()).dispose())).toFixed(1)} ms`],
    ['predicting one digit', `${(await median(() => void adapted.predict(support.x.subarray(0, 784)))).toFixed(2)} ms`],
    ['memory of the process', `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`],
  ];
  adapted.dispose();
  return rows;
}

/** Milliseconds of the middle one of 15 runs. */
async function median(run: () => void | Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < 15; turn++) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[7]!;
}

/** Episodes of both kinds in turn. The tasks are many, so they are known by their examples and not by a number. */
function bothKinds(digits: LabelledSet): TaskSource {
  const [rotated, permuted] = kinds.map((kind) => tasksOf(kind, digits, tasksOfEachKind, 'seen')) as [TaskSource, TaskSource];
  const { inputShape, targetShape, objective } = rotated;
  const sample = (seed: string, index: number) => (index % 2 === 0 ? rotated : permuted).sample(seed, Math.floor(index / 2));
  return { inputShape, targetShape, objective, sample };
}

/** Other angles, or other permutations, of other people's digits. */
function unseen(kind: Kind, digits: LabelledSet): TaskSource {
  return tasksOf(kind, digits, 100, 'unseen');
}

function tasksOf(kind: Kind, digits: LabelledSet, tasks: number, seed: string): TaskSource {
  const { rows: _rows, ...source } = flattenInputs(transformedImages(digits, { tasks, kind, shots: 5, queryShots: 5, seed }));
  return source;
}

function readDigits(folder: string, part: 'train' | 't10k'): LabelledSet {
  const file = (name: string) => join(folder, `${part}-${name}-ubyte.gz`);
  return readLabelledIdx({ images: file('images-idx3'), labels: file('labels-idx1') });
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      seed: { type: 'string', default: 'one' },
      out: { type: 'string', default: 'demo-output' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
