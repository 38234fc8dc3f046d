import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Rng } from 'hypermeta';

/** Mean and covariance of features `[N, size]`. */
export interface FeatureMoments {
  readonly mean: readonly number[];
  readonly covariance: Matrix;
}

/** Of rows of features, flat; of some of them, some maybe several times, where `chosen` says which. */
export function momentsOf(features: Float32Array, size: number, chosen?: ArrayLike<number>): FeatureMoments {
  const count = chosen?.length ?? features.length / size;
  const rowAt = (index: number) => (chosen ? chosen[index]! : index) * size;
  const mean = new Float64Array(size);
  for (let index = 0; index < count; index++) for (let column = 0, at = rowAt(index); column < size; column++) mean[column]! += features[at + column]! / count;
  const sums = new Float64Array(size * size);
  const centred = new Float64Array(size);
  for (let index = 0; index < count; index++) {
    for (let column = 0, at = rowAt(index); column < size; column++) centred[column] = features[at + column]! - mean[column]!;
    for (let row = 0; row < size; row++) {
      const value = centred[row]!;
      for (let column = 0; column <= row; column++) sums[row * size + column]! += value * centred[column]!;
    }
  }
  const covariance = new Matrix(size, size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) covariance.set(row, column, sums[Math.max(row, column) * size + Math.min(row, column)]! / (count - 1));
  return { mean: [...mean], covariance };
}

/**
 * The Fréchet distance of two normal distributions, squared, as it is usually given:
 * |μ₁ − μ₂|² + tr(C₁ + C₂ − 2 (C₁^½ C₂ C₁^½)^½).
 *
 * Sources: Dowson, Landau, "The Fréchet distance between multivariate normal distributions", 1982; on features of a classifier:
 * Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017 (arXiv 1706.08500).
 */
export function frechetDistance(one: FeatureMoments, other: FeatureMoments): number {
  const between = one.mean.reduce((sum, value, index) => sum + (value - other.mean[index]!) ** 2, 0);
  const root = rootOf(one.covariance);
  const product = root.mmul(other.covariance).mmul(root);
  const trace = eigenvaluesOf(product).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  return between + one.covariance.trace() + other.covariance.trace() - 2 * trace;
}

/**
 * The distance of features to those of real images, and half of its 95 % interval: 1.96 times its deviation where both sets are drawn
 * again, with replacement (bootstrap).
 */
export function frechetInterval(
  features: Float32Array,
  real: Float32Array,
  { size, draws, rng }: { readonly size: number; readonly draws: number; readonly rng: Rng },
): { readonly mean: number; readonly interval: number; readonly count: number } {
  const redraw = (values: Float32Array) => {
    const count = values.length / size;
    return momentsOf(values, size, Uint32Array.from({ length: count }, () => rng.integer(count)));
  };
  const again = Array.from({ length: draws }, () => frechetDistance(redraw(features), redraw(real)));
  const middle = again.reduce((sum, value) => sum + value, 0) / draws;
  const deviation = Math.sqrt(again.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, draws - 1));
  return { mean: frechetDistance(momentsOf(features, size), momentsOf(real, size)), interval: 1.96 * deviation, count: features.length / size };
}

/** The root of a symmetric matrix without negative eigenvalues, but for rounding. */
function rootOf(matrix: Matrix): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  return vectors.mmul(Matrix.diag(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))))).mmul(vectors.transpose());
}

function eigenvaluesOf(matrix: Matrix): readonly number[] {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;
}
