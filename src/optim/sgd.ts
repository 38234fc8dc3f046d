import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from './optimizer';

/** value − learningRate · gradient. Remembers nothing. */
export function sgd(): Optimizer {
  return {
    name: 'sgd',
    start: () => ({}),
    update: (value, gradient, _moments, learningRate) => ({
      value: tf.sub(value, tf.mul(gradient, learningRate)),
      moments: {},
    }),
    updateInPlace(value, gradient, _moments, learningRate) {
      for (let i = 0; i < value.length; i++) value[i]! -= learningRate * gradient[i]!;
    },
  };
}
