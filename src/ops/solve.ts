import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { formatShape } from '../core/shape';
import { defineKernel } from './kernels';

/**
 * The x of a · x = b for each task: a `[T, m, m]` symmetric and positive definite, b `[T, m, k]` → `[T, m, k]`. By
 * Cholesky factors in float64; right to any order. Only the symmetric part of a counts. The caller disposes.
 *
 * @throws ShapeError if the two do not fit; RangeError, naming the task, if a matrix is not positive definite
 */
export function solveSymmetric(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [tasks, size] = a.shape;
  const fits = a.rank === 3 && b.rank === 3 && a.shape[2] === size && b.shape[0] === tasks && b.shape[1] === size;
  if (!fits)
    throw new ShapeError(`solveSymmetric: expected [T, m, m] and [T, m, k], got ${formatShape(a.shape)} and ${formatShape(b.shape)}.`);
  return kernel({ a, b });
}

// x = a⁻¹ b: the gradient of b is a⁻¹ dy, that of a is −(a⁻¹ dy) xᵀ, made symmetric: the same kernel again.
const kernel = defineKernel(
  'HypermetaSolveSymmetric',
  ['a', 'b'],
  ({ a, b }) => {
    const [tasks, size, columns] = b!.shape as [number, number, number];
    const [matrices, sides] = [a!.dataSync(), b!.dataSync()];
    const solution = new Float32Array(tasks * size * columns);
    for (let task = 0; task < tasks; task++) {
      const factor = cholesky(matrices.subarray(task * size * size, (task + 1) * size * size), size, task);
      const part = [task * size * columns, (task + 1) * size * columns] as const;
      substitute(factor, sides.subarray(...part), solution.subarray(...part), columns);
    }
    return tf.tensor(solution, [tasks, size, columns]);
  },
  (dy, [a, b]) => ({
    a: () => {
      const outer = tf.matMul(kernel({ a: a!, b: dy }), kernel({ a: a!, b: b! }), false, true);
      return tf.mul(tf.add(outer, tf.transpose(outer, [0, 2, 1])), -0.5);
    },
    b: () => kernel({ a: a!, b: dy }),
  }),
);

/** Rows of the lower triangular L with L Lᵀ = the symmetric part of a. */
function cholesky(a: ArrayLike<number>, size: number, task: number): readonly Float64Array[] {
  const rows = Array.from({ length: size }, () => new Float64Array(size));
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let sum = (a[row * size + column]! + a[column * size + row]!) / 2;
      for (let inner = 0; inner < column; inner++) sum -= rows[row]![inner]! * rows[column]![inner]!;
      if (row > column) rows[row]![column] = sum / rows[column]![column]!;
      else if (sum > 2 ** -23 * a[row * size + row]!) rows[row]![row] = Math.sqrt(sum);
      else
        throw new RangeError(
          `solveSymmetric: a: expected a positive definite matrix for task ${task}, got a pivot of ${sum} in row ${row}; add a ridge to its diagonal.`,
        );
    }
  return rows;
}

/** Solves L Lᵀ x = b, column by column. */
function substitute(factor: readonly Float64Array[], b: ArrayLike<number>, into: Float32Array, columns: number): void {
  const size = factor.length;
  const x = new Float64Array(size);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < size; row++) {
      let sum = b[row * columns + column]!;
      for (let inner = 0; inner < row; inner++) sum -= factor[row]![inner]! * x[inner]!;
      x[row] = sum / factor[row]![row]!;
    }
    for (let row = size - 1; row >= 0; row--) {
      let sum = x[row]!;
      for (let inner = row + 1; inner < size; inner++) sum -= factor[inner]![row]! * x[inner]!;
      x[row] = sum / factor[row]![row]!;
    }
    for (let row = 0; row < size; row++) into[row * columns + column] = x[row]!;
  }
}
