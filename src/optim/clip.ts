import * as tf from '@tensorflow/tfjs';
import { expectOneOf, expectPositive } from '../core/errors';
import { mapParams, type Params } from '../core/params';
import { stopGradient } from '../ops/stop-gradient';

/** A bound on gradients, as a value. */
export interface Clip {
  /** `norm` scales all entries together; `value` clamps every number. */
  readonly by: 'norm' | 'value';
  /** Above 0. */
  readonly limit: number;
}

/** @throws RangeError for another kind of bound, or unless the limit is above 0 */
export function expectClip(where: string, clip: Clip): void {
  expectOneOf(`${where}.by`, clip.by, ['norm', 'value']);
  expectPositive(`${where}.limit`, clip.limit);
}

/**
 * Clips each task's gradients on their own: by the norm over all entries of that task, or by value. Entries are
 * `[T, ...]`. Differentiable. A task whose norm is past the root of float32 (1.8e19) becomes NaN: training stops rather than stand still.
 */
export function clipPerTask(gradients: Params, { by, limit }: Clip): Params {
  if (by === 'value') return mapParams(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit));
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(flat(gradient)), 1)); // each [T]
  if (squares.length === 0) return gradients;
  const sum = tf.add(tf.addN(squares), 1e-30); // the root's derivative at 0 is infinite
  return scaled(gradients, tf.sqrt(sum), tf.where(tf.less(sum, Infinity), limit, NaN));
}

/** Clips all gradients together: by their global norm, or by value. */
export function clipTogether(gradients: Params, { by, limit }: Clip): Params {
  if (by === 'value') return mapParams(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit));
  return scaled(gradients, tf.reshape(globalNorm(gradients), [1]), limit);
}

/** `clipTogether` in place on values on the host, given their global norm. */
export function clipInPlace(gradients: readonly Float32Array[], norm: number, { by, limit }: Clip): void {
  const scale = limit / Math.max(norm, limit);
  if (by === 'norm' && scale === 1) return;
  for (const gradient of gradients)
    for (let i = 0; i < gradient.length; i++)
      gradient[i] = by === 'norm' ? gradient[i]! * scale : Math.min(Math.max(gradient[i]!, -limit), limit);
}

/** Norm over all entries together: a scalar. In units of the largest value, as squares above 1.8e19² are past float32. */
export function globalNorm(gradients: Params): tf.Scalar {
  const values = Object.values(gradients);
  const largest = values.map((gradient) => tf.max(tf.abs(stopGradient(gradient))));
  const unit = largest.reduce((one, other) => tf.maximum(one, other), tf.scalar(1e-15)); // no gradients have the norm 0
  const squares = values.map((gradient) => tf.sum(tf.square(tf.div(gradient, unit))));
  return tf.mul(tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square), tf.scalar(1e-30))), unit); // the root's derivative at 0 is infinite
}

/** gradient · limit / max(limit, norm). */
function scaled(gradients: Params, norm: tf.Tensor, limit: tf.Tensor | number): Params {
  const scale = tf.div(limit, tf.maximum(norm, limit));
  return mapParams(gradients, (gradient) =>
    tf.mul(gradient, tf.reshape(scale, [-1, ...gradient.shape.slice(1).map(() => 1)])),
  );
}

function flat(value: tf.Tensor): tf.Tensor {
  return tf.reshape(value, [value.shape[0], -1]); // every entry has a task axis
}
