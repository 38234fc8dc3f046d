import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { Rng } from 'hypermeta';

/** A mixture of normal distributions with full covariances. */
export interface MixturePrior {
  readonly size: number;
  readonly parts: readonly Part[];
}

interface Part {
  /** They sum to 1. */
  readonly share: number;
  readonly mean: Float64Array;
  /** L of covariance = L Lᵀ, row by row. */
  readonly factor: Float64Array;
}

export interface FitOptions {
  readonly parts: number;
  readonly rounds: number;
  readonly rng: Rng;
}

/**
 * Fits a mixture to codes `[N, size]` by expectation maximization: the second stage of a two-stage variational autoencoder, a
 * prior for where the encoder puts images. Parts start at codes drawn at random, with the covariance of all. A part's covariance
 * keeps a hundredth of a standard normal one, so that it never collapses.
 *
 * Source: Ghosh et al., "From Variational to Deterministic Autoencoders", 2020 (arXiv 1903.12436), section 4 (ex-post density
 * estimation).
 */
export function fitMixture(codes: Float32Array, size: number, { parts, rounds, rng }: FitOptions): MixturePrior {
  const count = codes.length / size;
  const whole = partOf(codes, size, new Float64Array(count).fill(1));
  let mixture: readonly Part[] = Array.from({ length: parts }, () => {
    const drawn = rng.integer(count);
    return { ...whole, share: 1 / parts, mean: Float64Array.from(codes.subarray(drawn * size, (drawn + 1) * size)) };
  });
  for (let round = 0; round < rounds; round++) {
    const shares = responsibilities(mixture, codes, size);
    mixture = shares.map((weights) => partOf(codes, size, weights));
  }
  return { size, parts: mixture };
}

/** A code. */
export function drawCode({ size, parts }: MixturePrior, rng: Rng): Float64Array {
  let left = rng.uniform();
  const { mean, factor } = parts.find(({ share }) => (left -= share) < 0) ?? parts.at(-1)!;
  const noise = Float64Array.from({ length: size }, () => rng.normal());
  return mean.map((value, row) => {
    let sum = value;
    for (let column = 0; column <= row; column++) sum += factor[row * size + column]! * noise[column]!;
    return sum;
  });
}

/** The log density of the mixture at a code. */
export function logDensity({ parts, size }: MixturePrior, code: ArrayLike<number>): number {
  return logSum(parts.map((part) => logTerm(part, code, size)));
}

/** log share + log N(code; mean, L Lᵀ). */
function logTerm({ share, mean, factor }: Part, code: ArrayLike<number>, size: number, offset = 0): number {
  const standard = new Float64Array(size); // L⁻¹ (code − mean)
  let [squares, logs] = [0, 0];
  for (let row = 0; row < size; row++) {
    let value = code[offset + row]! - mean[row]!;
    for (let column = 0; column < row; column++) value -= factor[row * size + column]! * standard[column]!;
    const diagonal = factor[row * size + row]!;
    standard[row] = value / diagonal;
    squares += standard[row]! ** 2;
    logs += Math.log(diagonal);
  }
  return Math.log(share) - logs - (squares + size * Math.log(2 * Math.PI)) / 2;
}

/** How likely each part made each code: for each part, `[N]`. */
function responsibilities(parts: readonly Part[], codes: Float32Array, size: number): readonly Float64Array[] {
  const count = codes.length / size;
  const shares = parts.map(() => new Float64Array(count));
  for (let index = 0; index < count; index++) {
    const terms = parts.map((part) => logTerm(part, codes, size, index * size));
    const total = logSum(terms);
    terms.forEach((term, part) => (shares[part]![index] = Math.exp(term - total)));
  }
  return shares;
}

function logSum(terms: readonly number[]): number {
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
}

/** The normal distribution of weighted codes. */
function partOf(codes: Float32Array, size: number, weights: Float64Array): Part {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0) + 1e-9; // a part that nothing belongs to stays finite
  const mean = new Float64Array(size);
  for (let index = 0; index < count; index++)
    for (let column = 0; column < size; column++) mean[column]! += (weights[index]! * codes[index * size + column]!) / total;
  const covariance = new Float64Array(size * size);
  const centred = new Float64Array(size);
  for (let index = 0; index < count; index++) {
    const weight = weights[index]! / total;
    if (weight < 1e-12) continue;
    for (let column = 0; column < size; column++) centred[column] = codes[index * size + column]! - mean[column]!;
    for (let row = 0; row < size; row++) {
      const scaled = weight * centred[row]!;
      for (let column = 0; column <= row; column++) covariance[row * size + column]! += scaled * centred[column]!;
    }
  }
  return { share: total / count, mean, factor: choleskyOf(covariance, size) };
}

const least = 0.01;

/** Of a lower triangle and a hundredth of the unit matrix. */
function choleskyOf(lower: Float64Array, size: number): Float64Array {
  const matrix = new Matrix(size, size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      matrix.set(row, column, lower[Math.max(row, column) * size + Math.min(row, column)]! + (row === column ? least : 0));
  return Float64Array.from(new CholeskyDecomposition(matrix).lowerTriangularMatrix.to1DArray());
}
