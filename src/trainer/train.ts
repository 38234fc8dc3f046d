import * as tf from '@tensorflow/tfjs';
import { DivergenceError, expectCount } from '../core/errors';
import type { Learner } from '../core/learner';
import { seededNoise } from '../core/noise';
import { createRng } from '../core/rng';
import type { TaskSource } from '../core/task';
import type { Score } from '../evaluation/evaluate';
import { metaStep, type MetaState } from '../meta/meta-step';
import { disposeBatch, sampleBatch } from '../tasks/stack-episodes';
import type { Settings } from './options';

export interface TrainOptions {
  /** Outer steps to take. */
  readonly steps: number;
  /** Outer steps between validations; needs a validation source. @default never */
  readonly validateEvery?: number;
  /** Episodes of a validation: the same ones each time. @default 100 */
  readonly validationEpisodes?: number;
  /** Stop after so many validations without a better one. @default never */
  readonly patience?: number;
  /** Aborting ends the loop after the step at hand; nothing is lost. */
  readonly signal?: AbortSignal;
}

/** What one outer step reports. */
export interface TrainEvent {
  /** Outer steps taken so far, from 1, over all calls of `train`. */
  readonly step: number;
  /** Mean query loss of this step's episodes, after adaptation, before the outer update. */
  readonly queryLoss: number;
  /** Norm of the meta-gradient over all meta-parameters, before clipping. */
  readonly gradientNorm: number;
  /** The metric on the validation episodes, every `validateEvery` steps. */
  readonly validation?: Score & { readonly metric: string; readonly isBest: boolean };
}

/** Where meta-training is: what `train` moves and `adapt` reads. */
export interface Progress {
  state: MetaState;
  step: number;
}

/** @throws RangeError naming the option that is out of range */
export function expectTrainOptions(options: TrainOptions, validation: TaskSource | undefined): void {
  expectCount('train: steps', options.steps);
  if (options.validateEvery !== undefined) {
    expectCount('train: validateEvery', options.validateEvery);
    if (!validation)
      throw new RangeError('train: validateEvery: expected tasks as { train, validation, test }, got a single source.');
  }
  if (options.validationEpisodes !== undefined) expectCount('train: validationEpisodes', options.validationEpisodes);
  if (options.patience !== undefined) {
    expectCount('train: patience', options.patience);
    if (options.validateEvery === undefined)
      throw new RangeError('train: patience: expected validateEvery beside it, got none.');
  }
}

/**
 * One outer step in place: samples this step's episodes, updates `progress`, disposes what it replaced.
 *
 * @throws DivergenceError if the query loss or its gradient is not finite; the meta-parameters are then those before
 * the step
 */
export async function trainStep(
  learner: Learner,
  source: TaskSource,
  progress: Progress,
  { inner, metaBatchSize, seed, ...outer }: Settings,
): Promise<Pick<TrainEvent, 'queryLoss' | 'gradientNorm'>> {
  const { step, state } = progress;
  const learningRate = outer.outerLearningRate(step);
  if (!Number.isFinite(learningRate))
    throw new RangeError(`train: step ${step + 1}: outerLearningRate: expected a finite number from the schedule, got ${learningRate}.`);
  const batch = sampleBatch(source, `${seed}/train`, step * metaBatchSize, metaBatchSize);
  const noise = seededNoise(createRng(`${seed}/noise/${step}`));
  const options = {
    inner,
    metaGradient: outer.metaGradient,
    optimizer: outer.outerOptimizer,
    learningRate,
    ...(outer.outerClip ? { clip: outer.outerClip } : {}),
  };
  try {
    const next = tf.tidy(() => metaStep(learner, state, batch, noise, options) as unknown as tf.TensorContainerObject);
    const { state: moved, metrics } = next as unknown as ReturnType<typeof metaStep>; // tidy knows containers only
    const [queryLoss, gradientNorm] = (await metrics.data()) as unknown as [number, number]; // two values
    metrics.dispose();
    if (!Number.isFinite(queryLoss) || !Number.isFinite(gradientNorm)) {
      disposeState(moved);
      const found = Number.isFinite(queryLoss) ? `a gradient of norm ${gradientNorm}` : queryLoss;
      throw new DivergenceError(
        `train: step ${step + 1}: expected a finite query loss, got ${found}; lower innerLearningRate or outerLearningRate, or set innerClip.`,
      );
    }
    disposeState(state);
    progress.state = moved;
    progress.step = step + 1;
    return { queryLoss, gradientNorm };
  } finally {
    disposeBatch(batch);
  }
}

export function disposeState(state: MetaState): void {
  tf.dispose(state as unknown as tf.TensorContainerObject);
}
