import * as tf from '@tensorflow/tfjs';
import { shown } from '../core/errors';
import { mapRecord, scopeRecord, unscopeRecord, type Params } from '../core/params';

/**
 * A rule that moves one tensor along its gradient: a value, the same in the inner and the outer loop. Pure and
 * differentiable. What it remembers (its moments) is a value too.
 */
export interface Optimizer {
  readonly name: string;
  /** What else decides its numbers, as plain values that a checkpoint keeps. @default none */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Moments before the first update of `value`. */
  start(value: tf.Tensor): Params;
  /** The moved value and the moments after it. */
  update(value: tf.Tensor, gradient: tf.Tensor, moments: Params, learningRate: LearningRate): Update;
  /**
   * The same update in place on values on the host, in one pass: what a compiled outer step uses. @default `update`, compiled
   */
  updateInPlace?(value: Float32Array, gradient: Float32Array, moments: Readonly<Record<string, Float32Array>>, learningRate: number): void;
}

/** @throws RangeError for what is none, such as the name of one */
export function expectOptimizer(where: string, optimizer: Partial<Optimizer>): void {
  if (typeof optimizer.start !== 'function' || typeof optimizer.update !== 'function')
    throw new RangeError(`${where}: expected an optimizer, such as adam(), got ${shown(optimizer)}.`);
}

/** A number, or a scalar where it is an input of a compiled step. */
export type LearningRate = number | tf.Scalar;

export interface Update {
  readonly value: tf.Tensor;
  readonly moments: Params;
}

/** Moments for every entry, named `entry/moment`. */
export function startMoments(optimizer: Optimizer, params: Params): Params {
  return Object.assign({}, ...Object.entries(params).map(([name, value]) => scopeRecord(optimizer.start(value), name)));
}

/**
 * Moves every entry of `params`; entries of `moments` that belong to other params pass through unchanged. The
 * caller disposes what is returned.
 */
export function updateParams(
  optimizer: Optimizer,
  params: Params,
  gradients: Params,
  moments: Params,
  learningRate: LearningRate,
): { readonly params: Params; readonly moments: Params } {
  const updates = mapRecord(params, (value, name) =>
    optimizer.update(value, gradients[name]!, unscopeRecord(moments, name), learningRate),
  );
  const moved = Object.entries(updates).map(([name, update]) => scopeRecord(update.moments, name));
  return { params: mapRecord(updates, ({ value }) => value), moments: Object.assign({}, moments, ...moved) };
}
