import * as tf from '@tensorflow/tfjs';
import type { Learner } from '../core/learner';
import type { Noise } from '../core/noise';
import { filterRecord, initParams, mapParams, scopeRecord, type Params } from '../core/params';
import type { Rng } from '../core/rng';
import type { EpisodeBatch } from '../core/task';
import { clipTogether, globalNorm, type Clip } from '../optim/clip';
import { startMoments, updateParams, type Optimizer } from '../optim/optimizer';
import { adaptedWeights, hasRunningStatistics, innerLoop, type InnerOptions } from './inner-loop';
import type { MetaGradient } from './meta-gradient';

/** How slowly running statistics follow the batches. */
export const statisticsDecay = 0.9;

/** All that meta-training changes. A value: a step makes a new one. */
export interface MetaState {
  readonly meta: Params;
  readonly moments: Params;
}

export interface MetaStepOptions {
  readonly metaGradient: MetaGradient;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** By the norm over all meta-parameters together. */
  readonly clip?: Clip;
  readonly inner: InnerOptions;
  /** Outer steps taken so far. @default 0 */
  readonly step?: number;
}

/** Fresh meta-parameters and moments. The caller disposes. */
export function startMetaState(learner: Learner, optimizer: Optimizer, rng: Rng): MetaState {
  const meta = initParams(learner.specs, rng);
  return { meta, moments: startMoments(optimizer, trained(learner, meta)) };
}

/**
 * One outer step: (state, batch of episodes) → (state, metrics). Metrics are `[2]`: the mean query loss, and the norm of
 * its gradient before clipping. Pure: nothing else is read or changed, and the caller disposes both the old state and
 * the new.
 */
export function metaStep(
  learner: Learner,
  { meta, moments }: MetaState,
  batch: EpisodeBatch,
  noise: Noise,
  options: MetaStepOptions,
): { readonly state: MetaState; readonly metrics: tf.Tensor } {
  const numbers = options.metaGradient.schedule?.(options.step ?? 0, options.inner);
  const scheduled = numbers ? { scheduled: tf.tensor([...numbers]) } : {};
  const { loss, gradients, statistics } = metaGradients(learner, meta, batch, noise, { ...options, ...scheduled });
  const clipped = options.clip ? clipTogether(gradients, options.clip) : gradients;
  const moved = updateParams(options.optimizer, trained(learner, meta), clipped, moments, options.learningRate);
  const followed = mapParams(statistics, (value, name) =>
    tf.add(tf.mul(meta[name]!, statisticsDecay), tf.mul(value, 1 - statisticsDecay)),
  );
  const metrics = tf.stack([loss, globalNorm(gradients)]);
  return { state: { meta: { ...moved.params, ...followed }, moments: moved.moments }, metrics };
}

/** What a step follows: all three are means over the tasks of the batch. */
export interface MetaGradients {
  /** Mean query loss. */
  readonly loss: tf.Scalar;
  readonly gradients: Params;
  /** Batch norm's statistics of the query sets under the adapted weights, where they run along; else empty. */
  readonly statistics: Params;
}

export interface MetaGradientsOptions extends Pick<MetaStepOptions, 'metaGradient' | 'inner'> {
  /** What the meta-gradient's `schedule` says for the step. */
  readonly scheduled?: tf.Tensor;
}

/** The part of a step that looks at the episodes. Pure; the caller disposes. */
export function metaGradients(
  learner: Learner,
  meta: Params,
  batch: EpisodeBatch,
  noise: Noise,
  { metaGradient, inner, scheduled }: MetaGradientsOptions,
): MetaGradients {
  const { loss, gradients } = metaGradient(learner, trained(learner, meta), batch, noise, inner, scheduled);
  const statistics = hasRunningStatistics(learner) ? queryStatistics(learner, meta, batch, noise, inner) : {};
  return { loss, gradients, statistics };
}

/** The meta-parameters that have gradients: all but statistics. */
function trained(learner: Learner, meta: Params): Params {
  return filterRecord(meta, (name) => learner.specs[name]?.role !== 'statistic');
}

/** Statistics of this batch's query sets under the adapted weights. */
function queryStatistics(learner: Learner, meta: Params, batch: EpisodeBatch, noise: Noise, inner: InnerOptions): Params {
  const training = trained(learner, meta);
  const at = innerLoop(learner, training, { ...batch, noise }, { ...inner, order: 'first' }).at(-1)!;
  const weights = adaptedWeights(learner, training, at);
  const observed = learner.base.observe!(weights, batch.query.x, { weight: batch.query.weight, noise }); // it has statistics
  const measured = scopeRecord(filterRecord(observed, (name) => learner.base.specs[name]?.role === 'statistic'), 'base');
  return mapParams(measured, (value) => tf.mean(value, 0, true));
}
