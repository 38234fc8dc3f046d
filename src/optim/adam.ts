import * as tf from '@tensorflow/tfjs';
import { adamInPlace } from '../core/simd';
import type { Optimizer } from './optimizer';


export interface AdamOptions {
  /** Decay of the mean, in [0, 1). @default 0.9 */
  readonly beta1?: number;
  /** Decay of the mean square, in [0, 1). @default 0.999 */
  readonly beta2?: number;
  /** Keeps the division finite. Stands under the root, so that the derivative at a zero gradient is finite too. @default 1e-8 */
  readonly epsilon?: number;
}

/**
 * value ← value − learningRate · m̂ / √(v̂ + ε²), with bias-corrected mean m̂ and mean square v̂ of the gradients.
 *
 * The powers of the decays are moments as well (one number a tensor), so that an update depends on nothing but its
 * arguments.
 *
 * Source: Kingma and Ba, "Adam", 2015 (arXiv 1412.6980), algorithm 1.
 *
 * @throws RangeError unless the decays are in [0, 1), rounded to float32, and epsilon is above 0
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer {
  for (const [name, value] of [['beta1', beta1], ['beta2', beta2]] as const)
    if (!(value >= 0 && Math.fround(value) < 1)) throw new RangeError(`adam: ${name}: expected a number in [0, 1), rounded to float32, got ${value}.`);
  if (!(epsilon > 0)) throw new RangeError(`adam: epsilon: expected a number above 0, got ${epsilon}.`);
  const [decay1, decay2] = [Math.fround(beta1), Math.fround(beta2)]; // as tensors hold them: 1 − β₂ᵗ is sensitive
  return {
    name: 'adam',
    settings: { beta1, beta2, epsilon },
    start: (value) => ({
      mean: tf.zerosLike(value),
      square: tf.zerosLike(value),
      power1: tf.ones([1]),
      power2: tf.ones([1]),
    }),
    update(value, gradient, moments, learningRate) {
      const mean = tf.add(tf.mul(moments['mean']!, beta1), tf.mul(gradient, 1 - beta1)); // m
      const square = tf.add(tf.mul(moments['square']!, beta2), tf.mul(tf.square(gradient), 1 - beta2)); // v
      const power1 = tf.mul(moments['power1']!, beta1); // β₁ᵗ
      const power2 = tf.mul(moments['power2']!, beta2); // β₂ᵗ
      const root = tf.sqrt(tf.add(tf.div(square, tf.sub(1, power2)), safeSquare(epsilon)));
      const step = tf.div(mean, tf.mul(root, tf.sub(1, power1)));
      return { value: tf.sub(value, tf.mul(step, learningRate)), moments: { mean, square, power1, power2 } };
    },
    updateInPlace(value, gradient, { mean, square, power1, power2 }, learningRate) {
      power1![0]! *= decay1;
      power2![0]! *= decay2;
      adamInPlace(value, gradient, mean!, square!, {
        rate: learningRate / (1 - power1![0]!),
        correction: 1 / (1 - power2![0]!),
        floor: safeSquare(epsilon),
        beta1,
        beta2,
      });
    },
  };
}

/** ε², at least the smallest number whose root has a finite float32 derivative in practice. */
function safeSquare(epsilon: number): number {
  return Math.max(epsilon * epsilon, 1e-30);
}
