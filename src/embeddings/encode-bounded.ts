import * as tf from '@tensorflow/tfjs';

/** Lowest and highest value. */
export type Bounds = readonly [low: number, high: number];

/**
 * Bounded values γ `[T, C]` as an embedding `[T, 2 C]` whose size is the same whatever they are: √2 (cos α, sin α) with
 * α = π/2 · (γ − low) / (high − low). A hypernetwork whose input grows generates weights that grow with it; here the mean
 * square of a task's values is always 1. Values out of bounds keep that size, but may share their code with others. The
 * caller disposes.
 *
 * Source: Ortiz et al., "Magnitude Invariant Parametrizations Improve Hypernetwork Learning", 2024 (arXiv 2304.07645),
 * equations 4 and 5, times √2, which is the size that this library's initialization expects.
 *
 * @example
 * encodeBounded(tf.tensor2d([[0, 1]])) // [[√2, 0, 0, √2]]: cosines, then sines
 *
 * @throws RangeError unless low is below high
 */
export function encodeBounded(values: tf.Tensor, bounds: Bounds = [0, 1]): tf.Tensor {
  expectBounds('encodeBounded: bounds', bounds);
  const [low, high] = bounds;
  return tf.tidy(() => {
    const angle = tf.mul(tf.sub(values, low), Math.PI / 2 / (high - low));
    return tf.mul(tf.concat([tf.cos(angle), tf.sin(angle)], -1), Math.SQRT2);
  });
}

/** @throws RangeError unless both are finite and low is below high */
export function expectBounds(where: string, [low, high]: Bounds): void {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    throw new RangeError(`${where}: expected two finite numbers, the lower one first, got [${low}, ${high}].`);
}
