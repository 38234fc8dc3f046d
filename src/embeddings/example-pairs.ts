import * as tf from '@tensorflow/tfjs';
import type { Examples } from '../core/task';

/**
 * Every example beside every other and itself: x `[T, n, F]` → `[T, n · n, 2F]`. A pair has the target and the class of
 * its first example, and weight 0 where either has. The caller disposes.
 *
 * Source: what the relation network of Rusu et al., "Meta-Learning with Latent Embedding Optimization", 2019
 * (arXiv 1807.05960), section 2.3, sees.
 */
export function examplePairs({ x, y, weight }: Examples): Examples {
  return tf.tidy(() => {
    const [tasks, n, size] = x.shape as [number, number, number];
    const first = (value: tf.Tensor) => tf.tile(tf.expandDims(value, 2), [1, 1, n, 1]);
    const second = (value: tf.Tensor) => tf.tile(tf.expandDims(value, 1), [1, n, 1, 1]);
    return {
      x: tf.reshape(tf.concat([first(x), second(x)], 3), [tasks, n * n, 2 * size]),
      y: tf.reshape(first(y), [tasks, n * n, y.shape[2]!]),
      weight: tf.reshape(tf.mul(tf.expandDims(weight, 2), tf.expandDims(weight, 1)), [tasks, n * n]),
    };
  });
}
