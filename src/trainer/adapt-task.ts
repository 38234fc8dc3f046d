import * as tf from '@tensorflow/tfjs';
import { DataError, DivergenceError, expectCount, expectPositive } from '../core/errors';
import type { Learner, TaskInputs } from '../core/learner';
import { seededNoise } from '../core/noise';
import { mapParams, type Params } from '../core/params';
import { createRng } from '../core/rng';
import type { ExampleArrays, Episode, TaskSource } from '../core/task';
import { adaptedWeights, advance, disposeInner, startInner, supportLoss, type Inner, type InnerOptions } from '../meta/inner-loop';
import { readExamples, type UserExamples } from '../tasks/examples';
import type { Label } from '../tasks/labels';
import { disposeBatch, stackEpisodes } from '../tasks/stack-episodes';
import { adaptedNetwork, type Adapted, type Outcome } from './adapted';

export interface AdaptOptions {
  /** Gradient steps; may be more than in training. @default as many as in training */
  readonly steps?: number;
  /** @default as in training */
  readonly learningRate?: number;
  /** Which known task this is, for learners with a table of embeddings. */
  readonly row?: number;
  /** The user's own description of the task, for learners that are conditioned on one. */
  readonly condition?: ArrayLike<number>;
}

/** What adaptation needs of the meta-trainer. */
export interface AdaptContext {
  readonly learner: Learner;
  readonly meta: Params;
  readonly source: TaskSource;
  readonly inner: InnerOptions;
  readonly seed: string;
}

/**
 * Adapts the learner to one task from its support set.
 *
 * @throws ShapeError, DataError for a support set that does not fit; DivergenceError if its loss is not finite
 */
export function adaptTask(context: AdaptContext, examples: UserExamples, options: AdaptOptions = {}): Adapted {
  const { learner, source } = context;
  const { steps = context.inner.steps, learningRate = context.inner.learningRate } = options;
  expectCount('adapt: steps', steps, 0);
  expectPositive('adapt: learningRate', learningRate);
  const { arrays, classes } = readExamples(source, examples);
  expectWays(learner, classes);
  const target = { ...source, targetShape: classes ? [classes.length] : source.targetShape };
  const batch = stackEpisodes(target, [toEpisode(arrays, options)]);
  const task = { ...batch, noise: seededNoise(createRng(`${context.seed}/adapt`)) };
  try {
    const outcome = runInner(context, task, { ...context.inner, steps, learningRate });
    return adaptedNetwork(learner.base, source, { ...outcome, ...(classes ? { classes } : {}) });
  } finally {
    disposeBatch(batch);
  }
}

/** The inner loop on one task, with a look at the support loss at every point. */
function runInner({ learner, meta }: AdaptContext, task: TaskInputs, inner: InnerOptions): Omit<Outcome, 'classes'> {
  const supportLosses: number[] = [];
  let at = startInner(learner, meta, task, inner);
  try {
    supportLosses.push(readSupportLoss(learner, meta, at, inner));
    for (let step = 0; step < inner.steps; step++) {
      at = advance(learner, meta, at, inner);
      supportLosses.push(readSupportLoss(learner, meta, at, inner));
    }
    // Clones: the weights outlive the state and the meta-parameters that they may share tensors with.
    const weights = tf.tidy(() => mapParams(adaptedWeights(learner, meta, at), (value) => tf.clone(value)) as tf.NamedTensorMap);
    const embedding = at.state['embedding']?.dataSync();
    return { weights, supportLosses, ...(embedding ? { embedding: Array.from(embedding) } : {}) };
  } finally {
    disposeInner(at);
  }
}

/** @throws DivergenceError if the loss is not finite */
function readSupportLoss(learner: Learner, meta: Params, at: Inner, { loss }: InnerOptions): number {
  const value = tf.tidy(() => supportLoss(learner, meta, at, loss).dataSync()[0]!); // one task
  if (!Number.isFinite(value))
    throw new DivergenceError(`adapt: step ${at.step}: expected a finite support loss, got ${value}; lower learningRate.`);
  return value;
}

function toEpisode(support: ExampleArrays, { row, condition }: AdaptOptions): Episode {
  return {
    support,
    query: support, // not looked at
    ...(row === undefined ? {} : { row }),
    ...(condition ? { condition: Float32Array.from(condition) } : {}),
  };
}

/** A head with fixed columns serves as many classes as it has columns, no more and no less. */
function expectWays({ ways, base, name }: Learner, classes: readonly Label[] | undefined): void {
  const columns = base.outputShape.at(-1)!;
  if (classes && ways !== 'any' && classes.length !== columns)
    throw new DataError(
      `support.y: expected ${columns} classes, as many as the ${name} learner has columns, got ${classes.length}; a learner made with head: 'any-ways' takes any number.`,
    );
}
