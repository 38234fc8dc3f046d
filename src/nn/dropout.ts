import * as tf from '@tensorflow/tfjs';
import type { Layer } from './layer';

/**
 * Sets each value to 0 with probability `rate` and scales the others by 1 / (1 − rate). Only where the pass carries
 * noise: in meta-training, and in the steps of a continual trainer. Where a task is adapted after it, or predicted, it changes nothing.
 *
 * Source: Srivastava et al., "Dropout", 2014 (JMLR 15).
 *
 * @throws RangeError unless 0 ≤ rate < 1
 */
export function dropout(rate: number): Layer {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: rate: expected a number in [0, 1), got ${rate}.`);
  return {
    name: 'dropout',
    build: (inputShape) => ({
      specs: {},
      inputShape,
      outputShape: inputShape,
      apply: (_params, x, pass) =>
        tf.tidy(() => {
          if (!pass?.noise) return tf.clone(x);
          const kept = tf.step(tf.sub(pass.noise.uniform(x.shape), rate));
          return tf.mul(x, tf.div(kept, 1 - rate));
        }),
      standardLayers: () => [{ className: 'Dropout', config: { rate } }],
    }),
  };
}
