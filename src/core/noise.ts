import * as tf from '@tensorflow/tfjs';
import type { Rng } from './rng';
import { sizeOf, type Shape } from './shape';

/** Random tensors for one step: dropout masks, samples of a latent. */
export interface Noise {
  /** Mean 0, standard deviation 1. */
  normal(shape: Shape): tf.Tensor;
  /** In [0, 1), in float32 too. */
  uniform(shape: Shape): tf.Tensor;
}

/** The largest float32 below 1, to which a draw above it would be rounded up: to 1. */
const belowOne = 1 - 2 ** -24;

/** Noise from a seeded stream: the same seed, the same tensors in the same order. */
export function seededNoise(rng: Rng): Noise {
  const fill = (kind: keyof Noise) => (shape: Shape) => tf.tensor(drawNoise(kind, shape, rng), [...shape], 'float32');
  return { normal: fill('normal'), uniform: fill('uniform') };
}

/** The values of such a tensor, row-major. */
export function drawNoise(kind: keyof Noise, shape: Shape, rng: Rng): Float32Array {
  const next = kind === 'uniform' ? () => Math.min(rng.uniform(), belowOne) : () => rng.normal();
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = next(); // several times as fast as Float32Array.from
  return values;
}
