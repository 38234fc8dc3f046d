import { cosine, DivergenceError, metaTrainer, type MetaTrainer, type RuntimeName, type TaskSource } from 'hypermeta';
import type { Choice, ImageKind, Method } from './methods';

/** A short training with a choice, and its error on validation tasks. */
export interface Trial extends Choice {
  /** Lower is better; none where training diverged, or where there was nothing to choose. */
  readonly error?: number;
}

export interface TrainedMethod {
  readonly trainer: MetaTrainer;
  /** Outer steps that the time was enough for. */
  readonly steps: number;
  /** Processor time of meta-training. */
  readonly seconds: number;
}

export interface TrainTime {
  /** Processor seconds of meta-training: the same for all methods, however many steps they get through. */
  readonly seconds: number;
  readonly seed: string;
  /** What runs it. @default the fastest there is */
  readonly runtime?: RuntimeName;
}

export const metaBatchSize = 8;

/** Steps before the clock starts, in which everything is compiled. */
const warmUp = 12;

/** Meta-trains for a time. The outer rate falls along half a cosine of that time. The caller disposes the trainer. */
export async function metaTrain(method: Method, kind: ImageKind, source: TaskSource, choice: Choice, { seconds, seed, runtime }: TrainTime): Promise<TrainedMethod> {
  const { innerSteps, isTrained = true } = method;
  const fall = cosine(1, 1000, { end: 0.02 }); // over the time, in thousandths
  let began: number | undefined;
  const spent = () => (began === undefined ? 0 : processorSeconds() - began);
  const trainer = await metaTrainer(method.learner(kind, choice), source, {
    innerSteps,
    innerLearningRate: choice.innerLearningRate,
    innerClip: { by: 'norm', limit: 10 },
    outerLearningRate: () => choice.outerLearningRate * fall(seconds > 0 ? (1000 * spent()) / seconds : 0),
    outerClip: { by: 'norm', limit: 10 },
    metaBatchSize,
    seed,
    ...(runtime ? { runtime } : {}),
  });
  try {
    if (isTrained)
      for await (const { step } of trainer.train({ steps: Number.MAX_SAFE_INTEGER })) {
        if (step === warmUp || seconds === 0) began = processorSeconds();
        if (spent() >= seconds) break;
      }
  } catch (error) {
    trainer.dispose();
    throw error;
  }
  return { trainer, steps: trainer.step, seconds: spent() };
}

/** Tries a method's choices, each trained for a part of the time, by the error that `measure` gives. */
export async function tryChoices(
  method: Method,
  kind: ImageKind,
  source: TaskSource,
  time: TrainTime,
  measure: (trainer: MetaTrainer) => Promise<number>,
): Promise<readonly Trial[]> {
  if (method.choices.length === 1) return method.choices;
  const trials: Trial[] = [];
  for (const choice of method.choices) {
    try {
      const { trainer } = await metaTrain(method, kind, source, choice, time);
      trials.push({ ...choice, error: await measure(trainer) });
      trainer.dispose();
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      trials.push(choice);
    }
  }
  return trials;
}

/** The choice with the least error; the only one where there is no other. @throws Error if all trials diverged */
export function bestChoice(name: string, trials: readonly Trial[]): Choice {
  const errorOf = ({ error = Infinity }: Trial) => error;
  const { error, ...choice } = trials.reduce((least, trial) => (errorOf(trial) < errorOf(least) ? trial : least));
  if (error === undefined && trials.length > 1) throw new Error(`image functions: ${name}: expected a trial that converges, got none; lower its rates.`);
  return choice;
}

/** Of all threads of this process, so that what else a machine does counts little. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
