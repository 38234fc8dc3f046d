import type { Initializer } from './params';
import { sizeOf } from './shape';

/** Normal values with mean 0. */
export function normalInit(standardDeviation: number): Initializer {
  return (rng, shape) => Float32Array.from({ length: sizeOf(shape) }, () => rng.normal() * standardDeviation);
}

/** Uniform values in [-limit, limit). */
export function uniformInit(limit: number): Initializer {
  return (rng, shape) => Float32Array.from({ length: sizeOf(shape) }, () => (2 * rng.uniform() - 1) * limit);
}

/** The same value everywhere. */
export function constantInit(value: number): Initializer {
  return (_rng, shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/**
 * Keeps the second moment of a ReLU layer's activations: standard deviation √(2 / fanIn).
 *
 * Source: He et al., "Delving Deep into Rectifiers", 2015 (arXiv 1502.01852), equation 10.
 */
export function heInit(fanIn: number): Initializer {
  return normalInit(Math.sqrt(2 / fanIn));
}
