/** npm run web:train: meta-trains the page's learners on Omniglot's background alphabets and on sine waves, and scores them. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  copyToHost,
  cosine,
  createRng,
  fewShot,
  gaussian,
  metaTrainer,
  readOmniglot,
  readSafetensors,
  sinusoids,
  writeSafetensors,
  type Clip,
  type FewShotOptions,
  type HostParams,
  type LabelledSet,
  type MetaTrainer,
  type TaskSource,
} from 'hypermeta';
import { readCount } from '../read-count';
import { withOtherPens } from '../ready/pens';
import { resultRow, saveResults, type ResultRow } from '../save-results';
import { pageLearners, trainedNames, withLearnedRates, type TrainedName } from './learners';

const help = `Usage: npm run web:train -- [options]

  Meta-trains the page's learners, writes their checkpoints, and scores them on tasks they have never seen.

  --only NAME      one of ${trainedNames.join(', ')} (default all)
  --data DIR       folder with images_background.zip and images_evaluation.zip (default ../shared/data/omniglot)
  --quick          two steps and five episodes, into a temporary folder, to see that all of it runs
  --episodes N     unseen episodes to score (default 600)
  --seed TEXT      source of all chance (default page)
  --out DIR        the folder that examples and results are in (default ., or a temporary one with --quick)`;

interface Training {
  readonly steps: number;
  readonly metaBatchSize: number;
  readonly learningRate: number;
  readonly clip: Clip;
}

/** Of every drawing in meta-training, half of which are of other pens. */
const distortion = { rotation: 8, scale: 0.2, shear: 0.1, shift: 0.06, wobble: 0.015 };
const clip = { by: 'norm', limit: 10 } as const;

const trainings: Readonly<Record<TrainedName, Training>> = {
  hypernetwork: { steps: 1000, metaBatchSize: 1, learningRate: 0.002, clip },
  protonet: { steps: 1000, metaBatchSize: 1, learningRate: 0.002, clip },
  maml: { steps: 1500, metaBatchSize: 8, learningRate: 0.002, clip },
  curve: { steps: 2000, metaBatchSize: 25, learningRate: 0.002, clip },
};

const episodesOf: Readonly<Record<Exclude<TrainedName, 'curve'>, FewShotOptions>> = {
  hypernetwork: { ways: 30, shots: 1, queryShots: 5 },
  protonet: { ways: 30, shots: 1, queryShots: 5 },
  maml: { ways: 5, shots: 1, queryShots: 5 },
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      data: { type: 'string', default: '../shared/data/omniglot' },
      quick: { type: 'boolean', default: false },
      episodes: { type: 'string' },
      seed: { type: 'string', default: 'page' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(help);
  const names = values.only === undefined ? trainedNames : trainedNames.filter((name) => name === values.only);
  if (names.length === 0) throw new RangeError(`web:train: --only: expected one of ${trainedNames.join(', ')}, got '${values.only}'.`);
  const { quick, seed, data } = values;
  const out = values.out ?? (quick ? mkdtempSync(join(tmpdir(), 'hypermeta-web-train-')) : '.');
  const episodes = readCount('web:train: --episodes', values.episodes ?? (quick ? '5' : '600'));
  const drawings = names.some((name) => name !== 'curve') ? await readDrawings(data, seed) : undefined;
  for (const name of names) {
    const began = performance.now();
    const cpu = process.cpuUsage();
    const training = quick ? { ...trainings[name], steps: 2 } : trainings[name];
    const trainer = await openTrainer(name, name === 'curve' ? waves() : drawingTasks(name, drawings!.background), training, seed);
    for await (const { step, queryLoss } of trainer.train({ steps: training.steps })) {
      if (step % 100 === 0) console.log(`${name}: step ${step} of ${training.steps}: query loss ${queryLoss.toFixed(3)}, ${((performance.now() - began) / 1000).toFixed(0)} s`);
    }
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const bytes = writeSafetensors(copyToHost(trainer.meta), { learner: trainer.learner.name, task: name }, { dtype: 'F16' });
    trainer.dispose();
    write(join(out, `examples/browser/checkpoints/${name}.safetensors`), bytes);
    const { tensors } = readSafetensors(bytes, name);
    const rows = name === 'curve' ? await scoreCurve(tensors, episodes, seed) : await scoreDrawings(name, tensors, drawings!.evaluation, episodes, seed);
    for (const { what, metric, value, interval } of rows) console.log(`${name}: ${what}: ${metric} ${value.toFixed(4)} ± ${interval.toFixed(4)}`);
    const protocol = { ...training, ...(name === 'curve' ? {} : { episodes: { ...episodesOf[name], distortion } }), trainingCpuSeconds: Math.round((user + system) / 1e6), bytes: bytes.length };
    saveResults(join(out, `results/browser/${name}.json`), `page: ${name}`, protocol, seconds, rows);
  }
}

function openTrainer(name: TrainedName, tasks: TaskSource, { metaBatchSize, learningRate, steps, clip: outerClip }: Training, seed: string, meta?: HostParams): Promise<MetaTrainer> {
  const { inner } = pageLearners[name]();
  return metaTrainer(withLearnedRates(pageLearners[name]()), tasks, {
    innerSteps: inner.steps,
    innerLearningRate: inner.learningRate,
    ...(inner.clip ? { innerClip: inner.clip } : {}),
    metaBatchSize,
    outerLearningRate: cosine(learningRate, steps, { end: learningRate / 100 }),
    outerClip,
    seed,
    ...(meta ? { meta } : {}),
  });
}

/** Sine waves of 1 to 10 points each, so that the predicted deviations tell few from many. */
export function waves(): TaskSource {
  const sources = Array.from({ length: 10 }, (_, index) => sinusoids({ shots: index + 1, queryShots: 10 }));
  return { ...sources[0]!, objective: gaussian(), sample: (seed, index) => sources[createRng(`${seed}/${index}/shots`).integer(10)]!.sample(seed, index) };
}

async function readDrawings(data: string, seed: string): Promise<{ readonly background: LabelledSet; readonly evaluation: LabelledSet }> {
  const read = (name: string) => readOmniglot(join(data, name), { size: 105 });
  return {
    background: withOtherPens(await read('images_background.zip'), (drawing) => drawing % 2 === 1, seed),
    evaluation: withOtherPens(await read('images_evaluation.zip'), () => true, seed),
  };
}

function drawingTasks(name: Exclude<TrainedName, 'curve'>, set: LabelledSet): TaskSource {
  return fewShot(set, { ...episodesOf[name], rotations: 'classes', distortion });
}

async function scoreDrawings(name: TrainedName, meta: HostParams, set: LabelledSet, episodes: number, seed: string): Promise<readonly ResultRow[]> {
  const rows: ResultRow[] = [];
  for (const [ways, shots] of [[5, 1], [5, 5], [20, 1]] as const) {
    const trainer = await openTrainer(name, fewShot(set, { ways, shots, queryShots: 5 }), trainings[name], seed, meta);
    const { inner } = pageLearners[name]();
    const steps = [...new Set([0, 1, 2, inner.steps])].filter((step) => step <= inner.steps);
    const { metric, scores } = await trainer.evaluate({ episodes, steps });
    trainer.dispose();
    for (const score of scores) rows.push(resultRow(`${ways}-way ${shots}-shot, ${score.steps} steps`, trainer.learner.name, metric, score, seed));
  }
  return rows;
}

async function scoreCurve(meta: HostParams, episodes: number, seed: string): Promise<readonly ResultRow[]> {
  const rows: ResultRow[] = [];
  for (const shots of [1, 2, 5, 10]) {
    const trainer = await openTrainer('curve', { ...sinusoids({ shots, queryShots: 10 }), objective: gaussian() }, trainings.curve, seed, meta);
    const { metric, scores } = await trainer.evaluate({ episodes, steps: [0, 1, 5, 10] });
    trainer.dispose();
    for (const score of scores) rows.push(resultRow(`${shots} points, ${score.steps} steps`, trainer.learner.name, metric, score, seed));
  }
  return rows;
}

function write(file: string, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
