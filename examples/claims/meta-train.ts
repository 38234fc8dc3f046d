import { DivergenceError, learnerFacts, metaTrainer, type MetaTrainer, type Score } from 'hypermeta';
import { environment } from '../environment';
import type { Domain, Method, Trial } from './method';
import type { LearnerRun, StepScore, TriedSetting } from './records';

export interface RunSize {
  /** Unseen episodes to score. */
  readonly episodes: number;
  /** Of which the settings are chosen. */
  readonly validationEpisodes: number;
  /** Outer steps in place of a trial's own. */
  readonly steps?: number;
}

/** After how many inner steps tasks are scored. */
export const testSteps = [0, 1, 2, 3, 5, 10] as const;

/** A setting, meta-trained, and how well it does on validation tasks after the number of inner steps that is best there. */
interface Tried {
  readonly trial: Trial;
  readonly trainer: MetaTrainer;
  readonly validation: StepScore;
  readonly seconds: number;
}

interface From {
  readonly domain: Domain;
  readonly method: Method;
  readonly seed: string;
  readonly classes?: number;
}

/**
 * Meta-trains each of a method's settings, or the one that was `chosen`, and scores the one that does best on validation tasks.
 * Test tasks are looked at once, after that.
 */
export async function metaTrain(from: From, size: RunSize, chosen?: string): Promise<LearnerRun> {
  const tried: TriedSetting[] = [];
  let best: Tried | undefined;
  for (const trial of from.method.trials.filter(({ about }) => chosen === undefined || about === chosen)) {
    const began = cpuSeconds();
    try {
      const trainer = await trainedBy(trial, from, size);
      const seconds = cpuSeconds() - began;
      const validation = await bestSteps(trainer, from, size);
      tried.push({ about: trial.about, validation, seconds });
      const isBetter = !best || sign(trainer) * (validation.mean - best.validation.mean) > 0;
      if (isBetter) best?.trainer.dispose();
      else trainer.dispose();
      if (isBetter) best = { trial, trainer, validation, seconds };
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      tried.push({ about: trial.about, seconds: cpuSeconds() - began });
    }
  }
  if (!best) throw new DivergenceError(`claims: ${from.method.name}: expected a setting that does not diverge, got ${tried.length} that do.`);
  try {
    return await scored(best, tried, from, size);
  } finally {
    best.trainer.dispose();
  }
}

/** The best meta-parameters on validation tasks, looked at ten times. */
async function trainedBy(trial: Trial, { domain, seed, classes }: From, size: RunSize): Promise<MetaTrainer> {
  const some = classes === undefined ? {} : { classes };
  const { pretraining, ways } = trial;
  const meta = pretraining && (await pretraining.run({ ...some, seed, steps: size.steps ?? pretraining.steps }));
  const tasks = { train: domain.train({ ...some, ...(ways === undefined ? {} : { ways }) }), validation: domain.validation, test: domain.validation };
  const trainer = await metaTrainer(trial.learner(), tasks, { ...trial.options, seed, ...(meta ? { meta } : {}) });
  const steps = trial.steps === 0 ? 0 : (size.steps ?? trial.steps);
  const training = trainer.train({ steps, validateEvery: Math.max(1, Math.floor(steps / 10)), validationEpisodes: Math.min(100, size.validationEpisodes) });
  for await (const event of training) void event;
  return trainer;
}

async function bestSteps(trainer: MetaTrainer, { domain, method }: From, size: RunSize): Promise<StepScore> {
  const steps = stepsOf(trainer, method, size);
  const episodes = size.validationEpisodes;
  const { scores } = await trainer.evaluate({ source: domain.validation, steps, episodes, seed: 'tuning' });
  return stepScore(scores.reduce((best, score) => (sign(trainer) * (score.mean - best.mean) > 0 ? score : best)));
}

async function scored({ trial, trainer, validation, seconds }: Tried, tried: readonly TriedSetting[], from: From, size: RunSize): Promise<LearnerRun> {
  const { domain, method, seed, classes } = from;
  const { learner, settings } = trainer;
  const { steps } = validation;
  const tests = domain.tests(classes === undefined ? {} : { classes });
  const scores: Record<string, readonly StepScore[]> = {};
  let values: readonly number[] = [];
  for (const [name, source] of Object.entries(tests)) {
    const evaluation = await trainer.evaluate({ source, steps: stepsOf(trainer, method, size), episodes: size.episodes, seed: 'claims' });
    scores[name] = evaluation.scores.map(stepScore);
    if (name === 'unseen') values = evaluation.scores.find((score) => score.steps === steps)!.values; // one of them
  }
  const { metaParameters, adaptedValues, bytesPerTask } = await learnerFacts(learner, trainer.meta, tests['unseen']!, { ...settings.inner, steps });
  const { name: metric, better } = domain.validation.objective.metric;
  return {
    domain: domain.name,
    method: method.name,
    kind: method.kind,
    seed,
    ...(classes === undefined ? {} : { classes }),
    settings: describeSettings(trial, size),
    seconds,
    steps,
    tried,
    metric,
    better,
    facts: { metaParameters, adaptedValues, bytesPerTask },
    scores,
    values,
    env: environment(),
  };
}

/** Learners that change nothing are what they are before the first step. */
function stepsOf({ learner }: MetaTrainer, { moreSteps = [] }: Method, size: RunSize): readonly number[] {
  if (learner.adapts?.(0).length === 0) return [0];
  return size.steps === undefined ? [...testSteps, ...moreSteps] : [0, 1];
}

function sign({ tasks }: MetaTrainer): 1 | -1 {
  const { metric } = ('train' in tasks ? tasks.train : tasks).objective;
  return metric.better === 'higher' ? 1 : -1;
}

const stepScore = ({ steps, mean, interval }: Score | StepScore): StepScore => ({ steps, mean, interval });

/** All that a run of it depends on beside its seed and classes, the code and the machine. */
export function describeSettings({ about, options, steps, ways, pretraining }: Trial, size: RunSize): Readonly<Record<string, unknown>> {
  const { outerLearningRate, metaGradient, innerOptimizer, outerOptimizer, ...plain } = options;
  return {
    about,
    ...plain,
    innerOptimizer: innerOptimizer?.name ?? 'SGD',
    outerOptimizer: outerOptimizer?.name ?? 'Adam',
    ...(metaGradient ? { metaGradient: 'difference' } : {}),
    ...(typeof outerLearningRate === 'function' ? { outerLearningRate: [0, steps / 2, steps].map((step) => Number(outerLearningRate(step).toPrecision(3))) } : {}),
    steps: steps === 0 ? 0 : (size.steps ?? steps),
    ...(ways === undefined ? {} : { ways }),
    ...(pretraining ? { pretrainingSteps: size.steps ?? pretraining.steps } : {}),
    episodes: size.episodes,
    validationEpisodes: size.validationEpisodes,
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
