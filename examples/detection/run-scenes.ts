import { dirname, join } from 'node:path';
import { countParams, type LabelledSplits } from 'hypermeta';
import { environment } from '../environment';
import { drawScenes } from './draw-scenes';
import { benchOf, methodsOf, openMethod, testEpisodes, type Choice, type Method, type SceneModels } from './methods';
import { detectorOf, generatedHead } from './models';
import { writeSceneResults, type KeptScenes, type SceneResults, type SceneRun, type SceneScore } from './results';
import type { DetectionSettings } from './settings';
import { measureTraining, type TrainingTasks } from './train-models';

export interface RunScenesOptions {
  /** What the models were trained on. */
  readonly training: TrainingTasks;
  readonly seed: string;
  /** Where the results are kept; written after each method. */
  readonly path: string;
  /** What is there already: runs that are not made again. */
  readonly before: KeptScenes;
  /** By their names. */
  readonly methods: readonly string[];
}

/** Tunes and tests each method of a seed, and draws a few episodes. */
export async function runScenes(sets: LabelledSplits, settings: DetectionSettings, models: SceneModels, { training, seed, path, before, methods: asked }: RunScenesOptions): Promise<SceneResults> {
  const shape = [64, 64, 1];
  const parameters = { detector: countParams(detectorOf(settings, shape).specs), generated: countParams(generatedHead(settings, shape).specs) };
  const methods = methodsOf(settings, models, sets.train).filter(({ name }) => asked.includes(name));
  const { trainingSeconds = await measureTraining(settings, training), runs } = before;
  let results: SceneResults = { settings, parameters, trainingSeconds, runs };
  for (const method of methods) {
    if (results.runs.some((run) => run.method === method.name && run.seed === seed)) continue;
    const tuned = results.runs.find((run) => run.method === method.name && run.tuning.length > 0);
    const run = await runMethod(method, sets, settings, seed, tuned);
    results = { ...results, runs: [...results.runs, run] };
    writeSceneResults(path, results);
    console.log(`${method.name}, seed ${seed}: ${run.scores.map(({ size, shots, values }) => `${size} px, K ${shots}: ${meanOf(values).toFixed(3)}`).join('; ')}`);
  }
  const choices = methods.slice(0, 2).map((method) => {
    const { scores } = results.runs.find((run) => run.method === method.name && run.seed === seed)!; // all have run
    return { method, choice: scores[0]!.choice };
  });
  await drawScenes(sets.test, settings, choices, join(dirname(path), 'episodes'));
  return results;
}

/** Takes the choices of a run that was tuned, if there is one. */
async function runMethod(method: Method, sets: LabelledSplits, settings: DetectionSettings, seed: string, tuned: SceneRun | undefined): Promise<SceneRun> {
  const { tunedShots, validationEpisodes, testEpisodes: episodes, shots: tested, sizes } = settings;
  const bench = benchOf(method);
  const tuning: { shots: number; trials: SceneRun['tuning'][number]['trials']; chosen: Choice }[] = [];
  if (!tuned) for (const shots of tunedShots) tuning.push({ shots, ...(await bench.tune(testEpisodes(sets.validation, settings, shots), validationEpisodes)) });
  const chosen = tuned ? tuned.scores.map(({ shots, choice }) => ({ shots, chosen: choice })) : tuning;
  const choiceAt = (shots: number) => chosen.filter((each) => each.shots <= shots).at(-1)!.chosen; // the first is tuned at 1
  const scores: SceneScore[] = [];
  for (const size of sizes)
    for (const shots of size === sizes[0] ? tested : tunedShots) {
      const choice = choiceAt(shots);
      const [found] = await bench.score(testEpisodes(sets.test, settings, shots, size), choice, { episodes, seed: 'test' });
      scores.push({ size, shots, choice, values: found!.values.map((value) => (Number.isNaN(value) ? null : value)) });
    }
  await bench.dispose();
  const times = await measureTimes(method, sets, settings, choiceAt(5));
  return { method: method.name, seed, tuning: tuning.map(({ shots, trials }) => ({ shots, trials })), scores, ...times, env: environment() };
}

/** Through the door of a user: processor time, since the machine may be shared. */
async function measureTimes(method: Method, sets: LabelledSplits, settings: DetectionSettings, choice: Choice): Promise<Pick<SceneRun, 'adaptMs' | 'imageMs'>> {
  const source = method.episodes(testEpisodes(sets.validation, settings, 5));
  const trainer = await openMethod(method, source, choice);
  const { support, query } = source.sample('times', 0);
  const scene = query.x.subarray(0, 64 * 64);
  const [adapting, finding]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < 6; repeat++) {
    const [adapted, adaptMs] = await processorMs(() => trainer.adapt({ x: support.x, y: support.y }));
    const [, imageMs] = await processorMs(() => Promise.resolve(adapted.predict(scene)));
    adapted.dispose();
    if (repeat > 0) adapting.push(adaptMs); // the first compiles
    if (repeat > 0) finding.push(imageMs);
  }
  trainer.dispose();
  return { adaptMs: median(adapting), imageMs: median(finding) };
}

async function processorMs<Result>(work: () => Promise<Result>): Promise<readonly [Result, number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!; // there are some
}

function meanOf(values: readonly (number | null)[]): number {
  const counted = values.filter((value) => value !== null);
  return counted.reduce((sum, value) => sum + value, 0) / counted.length;
}
