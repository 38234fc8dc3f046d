import * as tf from '@tensorflow/tfjs';
import type { Objective } from '../core/task';
import { expectShape } from '../core/shape';
import { softmaxCrossEntropy } from '../ops/cross-entropy';

/**
 * Values, with the squared error: the mean over the values of one output, then the weighted mean over n.
 * Output and y are `[T, n, ...target]`; the metric is `mse`, the same number as the loss.
 */
export const regression: Objective = {
  loss: squaredError,
  metric: { name: 'mse', better: 'lower', measure: squaredError },
  readout: (output) => tf.clone(output),
  target: 'value',
};

/**
 * Values in [0, 1], such as pixels, with the squared error; the metric is `psnr`, the peak signal-to-noise ratio in decibels of
 * each task: 20 where the root mean square error is 0.1, 40 where it is 0.01.
 */
export const psnrRegression: Objective = {
  ...regression,
  metric: { name: 'psnr', better: 'higher', measure: (output, y, weight) => tf.tidy(() => tf.mul(tf.log(tf.add(squaredError(output, y, weight), tiny)), decibels)) },
};

/** PSNR in decibels of a mean squared error of values in [0, 1]: `psnr(0.01)` is 20. An error of 0 counts as 1e-10. */
export function psnr(meanSquaredError: number): number {
  return decibels * Math.log(meanSquaredError + tiny);
}

/** −10 log₁₀ x = −10 / ln 10 · ln x. */
const decibels = -10 / Math.LN10;

/** No more than 100 decibels. */
const tiny = 1e-10;

/**
 * Classes. Output is logits `[T, n, ways]`, y one-hot of the same shape; the loss is the softmax cross-entropy in
 * nats, the metric `accuracy` in [0, 1], the readout probabilities.
 */
export const classification: Objective = {
  loss(output, y, weight) {
    expectShape('output', output, y.shape);
    return tf.tidy(() => weightedMean(softmaxCrossEntropy(output, y), weight));
  },
  metric: {
    name: 'accuracy',
    better: 'higher',
    measure(output, y, weight) {
      expectShape('output', output, y.shape);
      return tf.tidy(() => weightedMean(tf.cast(tf.equal(tf.argMax(output, -1), tf.argMax(y, -1)), 'float32'), weight));
    },
  },
  readout: (output) => tf.softmax(output),
  target: 'class',
};

function squaredError(output: tf.Tensor, y: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  expectShape('output', output, y.shape);
  return tf.tidy(() => {
    const [tasks, count] = output.shape as [number, number];
    const squares = tf.reshape(tf.square(tf.sub(output, y)), [tasks, count, -1]);
    return weightedMean(tf.mean(squares, 2), weight);
  });
}

/** Values and weight `[T, n]` → `[T]`: Σ weight · value / Σ weight, and 0 for a task whose weights are all 0. */
export function weightedMean(values: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const total = tf.sum(weight, 1);
  const divisor = tf.add(total, tf.cast(tf.equal(total, 0), 'float32'));
  return tf.div(tf.sum(tf.mul(values, weight), 1), divisor);
}
