import type { Initializer } from './params';
import type { Rng } from './rng';
import { formatShape, sizeOf } from './shape';

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

/**
 * So many blocks of columns side by side, each with orthonormal columns, or rows where it has fewer of them: what goes through
 * it keeps its length. Gram and Schmidt's way, on normal values.
 *
 * Source: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
 * 2013 (arXiv 1312.6120).
 *
 * @throws RangeError unless the blocks share the columns of a matrix evenly
 */
export function orthogonalInit(blocks = 1): Initializer {
  return (rng, shape) => {
    const [rows, columns] = shape as [number, number];
    if (shape.length !== 2 || columns % blocks !== 0)
      throw new RangeError(`orthogonalInit: expected a matrix of ${blocks} equal blocks of columns, got shape ${formatShape(shape)}.`);
    const width = columns / blocks;
    const values = new Float32Array(rows * columns);
    for (let block = 0; block < blocks; block++)
      for (const [index, vector] of orthonormal(Math.min(rows, width), Math.max(rows, width), rng).entries())
        for (const [at, value] of vector.entries()) {
          const [row, column] = rows < width ? [index, at] : [at, index];
          values[row * columns + block * width + column] = value;
        }
    return values;
  };
}

/** So many vectors of a size that is not smaller, of length 1 and at right angles. */
function orthonormal(count: number, size: number, rng: Rng): readonly Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length: size }, () => rng.normal());
    for (const other of [...vectors, ...vectors]) { // twice: the first time leaves rounding errors of the others in it
      const along = other.reduce((sum, value, at) => sum + value * vector[at]!, 0);
      for (let at = 0; at < size; at++) vector[at]! -= along * other[at]!;
    }
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)); // Math.hypot takes no 200,000 arguments
    vectors.push(vector.map((value) => value / length));
  }
  return vectors;
}
