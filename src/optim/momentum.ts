import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from './optimizer';

/**
 * velocity ← decay · velocity + gradient; value ← value − learningRate · velocity.
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
 *
 * @throws RangeError unless decay is in [0, 1)
 */
export function momentum({ decay = 0.9 }: { readonly decay?: number } = {}): Optimizer {
  if (!(decay >= 0 && decay < 1)) throw new RangeError(`momentum: decay: expected a number in [0, 1), got ${decay}.`);
  return {
    name: 'momentum',
    settings: { decay },
    start: (value) => ({ velocity: tf.zerosLike(value) }),
    update(value, gradient, moments, learningRate) {
      const velocity = tf.add(tf.mul(moments['velocity']!, decay), gradient);
      return { value: tf.sub(value, tf.mul(velocity, learningRate)), moments: { velocity } };
    },
    updateInPlace(value, gradient, moments, learningRate) {
      const velocity = moments['velocity']!;
      for (let i = 0; i < value.length; i++) {
        velocity[i] = decay * velocity[i]! + gradient[i]!;
        value[i]! -= learningRate * velocity[i]!;
      }
    },
  };
}
