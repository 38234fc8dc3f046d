import * as tf from '@tensorflow/tfjs';
import { breather } from '../core/breather';
import { DivergenceError, expectCount } from '../core/errors';
import type { At, Learner } from '../core/learner';
import { seededNoise } from '../core/noise';
import type { Params } from '../core/params';
import { createRng } from '../core/rng';
import type { EpisodeBatch, TaskSource } from '../core/task';
import { adaptedWeights, advance, disposeInner, startInner, type Inner, type InnerOptions } from '../meta/inner-loop';
import { disposeBatch, sampleBatch } from '../tasks/stack-episodes';
import { meanInterval, type Mean } from './interval';

export interface EvaluateOptions {
  /** Episodes to adapt to, each from scratch. @default 600 */
  readonly episodes?: number;
  /** Numbers of inner steps after which to score; 0 is no adaptation. @default [0, …, as many as in training] */
  readonly steps?: readonly number[];
  /** Which episodes: the same seed gives every learner the same ones. @default 'evaluation' */
  readonly seed?: string;
  /** Episodes adapted at once: changes time and memory, not numbers (but for networks that draw noise). @default 25 */
  readonly batchSize?: number;
}

/** The metric on the query sets after a number of inner steps. */
export interface Score extends Mean {
  readonly steps: number;
  /** One value per episode, in the order of the stream. */
  readonly values: readonly number[];
}

export interface Evaluation {
  readonly learner: string;
  /** `accuracy` in [0, 1], `mse`, … */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly scores: readonly Score[];
}

/**
 * Adapts to unseen episodes and scores the query sets after each number of steps. Queries are predicted with what
 * the support set gave, batch norm's statistics too (unless its policy is `batch`): non-transductive.
 *
 * @throws RangeError for an option out of range
 */
export async function evaluateLearner(
  learner: Learner,
  meta: Params,
  source: TaskSource,
  inner: InnerOptions,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { episodes = 600, steps = upTo(inner.steps), seed = 'evaluation', batchSize = 25 } = options;
  expectCount('evaluate: episodes', episodes);
  expectCount('evaluate: batchSize', batchSize);
  if (steps.length === 0) throw new RangeError('evaluate: steps: expected at least one number of steps, got none.');
  for (const count of steps) expectCount('evaluate: steps', count, 0);
  const breathe = breather();
  const values = new Map(steps.map((count) => [count, [] as number[]]));
  for (let first = 0; first < episodes; first += batchSize) {
    const batch = sampleBatch(source, seed, first, Math.min(batchSize, episodes - first));
    const task = { ...batch, noise: seededNoise(createRng(`${seed}/noise/${first}`)) };
    let at: Inner | undefined;
    try {
      at = startInner(learner, meta, task, inner);
      for (let step = 0; step <= Math.max(...steps); step++) {
        if (step > 0) at = advance(learner, meta, at, inner);
        if (values.has(step)) values.get(step)!.push(...(await queryScores(learner, meta, at, batch, source)));
      }
    } finally {
      if (at) disposeInner(at);
      disposeBatch(batch);
    }
    await breathe();
  }
  const { name, better } = source.objective.metric;
  const scores = [...values].map(([count, collected]) => ({ steps: count, values: collected, ...meanInterval(collected) }));
  return { learner: learner.name, metric: name, better, scores };
}

/**
 * The metric of each task's query set.
 *
 * @throws DivergenceError if an output is not finite: an accuracy would hide it
 */
async function queryScores(
  learner: Learner,
  meta: Params,
  at: At,
  { query }: EpisodeBatch,
  source: TaskSource,
): Promise<ArrayLike<number> & Iterable<number>> {
  const read = tf.tidy(() => {
    const output = learner.base.apply(adaptedWeights(learner, meta, at), query.x, { weight: query.weight });
    const isFinite = tf.cast(tf.all(tf.isFinite(output)), 'float32');
    return tf.concat([source.objective.metric.measure(output, query.y, query.weight), tf.reshape(isFinite, [1])]);
  });
  const values = await read.data<'float32'>();
  read.dispose();
  if (values.at(-1) !== 1)
    throw new DivergenceError(`evaluate: after ${at.step} steps: expected finite outputs, got NaN or infinity; lower innerLearningRate, or take fewer steps.`);
  return values.subarray(0, -1);
}

function upTo(steps: number): readonly number[] {
  return Array.from({ length: steps + 1 }, (_, step) => step);
}
