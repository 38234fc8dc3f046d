import * as tf from '@tensorflow/tfjs';
import type { Rng } from './rng';
import { sizeOf, type Shape } from './shape';

/** Random tensors for one step: dropout masks, samples of a latent. */
export interface Noise {
  /** Mean 0, standard deviation 1. */
  normal(shape: Shape): tf.Tensor;
  /** In [0, 1). */
  uniform(shape: Shape): tf.Tensor;
}

/** Noise from a seeded stream: the same seed, the same tensors in the same order. */
export function seededNoise(rng: Rng): Noise {
  const fill = (shape: Shape, draw: () => number) =>
    tf.tensor(Float32Array.from({ length: sizeOf(shape) }, () => draw()), [...shape], 'float32');
  return { normal: (shape) => fill(shape, () => rng.normal()), uniform: (shape) => fill(shape, () => rng.uniform()) };
}
