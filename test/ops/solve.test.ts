import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { solveSymmetric } from '../../src/ops/solve';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

/** m · mᵀ + 1: positive definite. */
const definite = (m: tf.Tensor) => tf.add(tf.matMul(m, m, false, true), tf.expandDims(tf.eye(m.shape[1]!), 0));

describe('solveSymmetric', () => {
  test('solves two tasks by hand', () =>
    tf.tidy(() => {
      const a = tf.tensor([[[4, 2], [2, 3]], [[2, 0], [0, 5]]]);
      const b = tf.tensor([[[8], [7]], [[2], [10]]]); // 4·1.25 + 2·1.5 = 8, 2·1.25 + 3·1.5 = 7
      expect(Array.from(solveSymmetric(a, b).dataSync())).toEqual([1.25, 1.5, 1, 2]);
    }));

  test('undoes a product of 20 × 20 matrices', () =>
    tf.tidy(() => {
      const a = definite(tf.randomNormal([3, 20, 20], 0, 1, 'float32', 1));
      const x = tf.randomNormal([3, 20, 4], 0, 1, 'float32', 2);
      const error = tf.max(tf.abs(tf.sub(solveSymmetric(a, tf.matMul(a, x)), x)));
      expect(error.dataSync()[0]).toBeLessThan(1e-3);
    }));

  test('is right to second order in both arguments', () =>
    expectDerivatives((m, b) => tf.square(solveSymmetric(definite(m), b)), [2, 3, 3], [2, 3, 2]));

  test('leaks nothing', () =>
    expectNoLeak(() => {
      const [a, b] = [tf.tensor([[[2]]]), tf.tensor([[[4]]])];
      const gradients = tf.grads((p, q) => tf.sum(solveSymmetric(p, q)))([a, b]);
      tf.dispose([a, b, ...gradients]);
    }));

  test('refuses what is not positive definite, and what does not fit', () => {
    const [good, bad] = [[[1, 0], [0, 1]], [[1, 2], [2, 1]]];
    expect(() => solveSymmetric(tf.tensor([good, bad]), tf.ones([2, 2, 1]))).toThrow(
      'solveSymmetric: a: expected a positive definite matrix for task 1, got a pivot of -3 in row 1; add a ridge to its diagonal.',
    );
    expect(() => solveSymmetric(tf.ones([1, 2, 2]), tf.ones([1, 3, 1]))).toThrow(
      'solveSymmetric: expected [T, m, m] and [T, m, k], got [1, 2, 2] and [1, 3, 1].',
    );
  });
});
