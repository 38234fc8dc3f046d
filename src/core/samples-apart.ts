import * as tf from '@tensorflow/tfjs';
import { sizeOf, type Shape } from './shape';

/**
 * Whether a function of samples, `[n, ...inputShape]` → `[n, ...]`, computes each alone, as two samples say: not with batch norm by
 * the statistics of the batch at hand. Leaves no tensor behind.
 */
export function areSamplesApart(apply: (x: tf.Tensor) => tf.Tensor, inputShape: Shape): boolean {
  const size = sizeOf(inputShape);
  const difference = tf.tidy(() => {
    const two = Array.from({ length: 2 * size }, (_, at) => (at < size ? (at >> 1) % 2 : 1 - (at % 2))); // 0 and 1 are fit for any input
    const x = tf.tensor(two, [2, ...inputShape], 'float32');
    const together = apply(x);
    const apart = tf.concat(tf.split(x, 2).map((each) => apply(each)));
    return tf.max(tf.abs(tf.sub(together, apart))).dataSync()[0]! / (1 + tf.max(tf.abs(apart)).dataSync()[0]!);
  });
  return !(difference > 1e-4); // NaN says nothing
}
