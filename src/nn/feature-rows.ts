import * as tf from '@tensorflow/tfjs';

/**
 * Changes x `[T, n, ..., C]` as rows `[T, m, C]`, one for each example and position: there a parameter `[T|1, 1, C]`
 * broadcasts, whatever the rank of x. Call it within a tidy.
 */
export function onFeatureRows(x: tf.Tensor, change: (rows: tf.Tensor) => tf.Tensor): tf.Tensor {
  const [tasks, ...shape] = x.shape as [number, ...number[]];
  const changed = change(tf.reshape(x, [tasks, -1, shape.at(-1)!]));
  return tf.reshape(changed, [changed.shape[0], ...shape]);
}

/** x plus a bias `[T|1, C]` for each feature. */
export function addBias(x: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return onFeatureRows(x, (rows) => tf.add(rows, tf.expandDims(bias, 1)));
}

/** x times a scale plus a shift, both `[T|1, C]`; either may be missing. */
export function scaleAndShift(x: tf.Tensor, scale: tf.Tensor | undefined, shift: tf.Tensor | undefined): tf.Tensor {
  return onFeatureRows(x, (rows) => {
    const scaled = scale ? tf.mul(rows, tf.expandDims(scale, 1)) : rows;
    return shift ? tf.add(scaled, tf.expandDims(shift, 1)) : scaled;
  });
}
