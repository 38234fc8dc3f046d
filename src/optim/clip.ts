import * as tf from '@tensorflow/tfjs';
import { expectOneOf, expectPositive } from '../core/errors';
import { mapParams, type Params } from '../core/params';

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
 * `[T, ...]`. Differentiable.
 */
export function clipPerTask(gradients: Params, { by, limit }: Clip): Params {
  if (by === 'value') return mapParams(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit));
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(flat(gradient)), 1)); // each [T]
  return scaled(gradients, squares, limit);
}

/** Clips all gradients together: by their global norm, or by value. */
export function clipTogether(gradients: Params, { by, limit }: Clip): Params {
  if (by === 'value') return mapParams(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit));
  const squares = Object.values(gradients).map((gradient) => tf.reshape(tf.sum(tf.square(gradient)), [1]));
  return scaled(gradients, squares, limit);
}

/** `clipTogether` in place on values on the host, given their global norm. */
export function clipInPlace(gradients: readonly Float32Array[], norm: number, { by, limit }: Clip): void {
  const scale = limit / Math.max(norm, limit);
  if (by === 'norm' && scale === 1) return;
  for (const gradient of gradients)
    for (let i = 0; i < gradient.length; i++)
      gradient[i] = by === 'norm' ? gradient[i]! * scale : Math.min(Math.max(gradient[i]!, -limit), limit);
}

/** Norm over all entries together: a scalar. */
export function globalNorm(gradients: Params): tf.Scalar {
  const squares = Object.values(gradients).map((gradient) => tf.sum<tf.Scalar>(tf.square(gradient)));
  return squares.length === 0 ? tf.scalar(0) : tf.sqrt(tf.addN(squares));
}

/** gradient · limit / max(limit, norm), where norm² is the sum of `squares`. */
function scaled(gradients: Params, squares: readonly tf.Tensor[], limit: number): Params {
  if (squares.length === 0) return gradients;
  const norm = tf.sqrt(tf.add(tf.addN([...squares]), 1e-30)); // the root's derivative at 0 is infinite
  const scale = tf.div(limit, tf.maximum(norm, limit));
  return mapParams(gradients, (gradient) =>
    tf.mul(gradient, tf.reshape(scale, [-1, ...gradient.shape.slice(1).map(() => 1)])),
  );
}

function flat(value: tf.Tensor): tf.Tensor {
  return tf.reshape(value, [value.shape[0], -1]); // every entry has a task axis
}
