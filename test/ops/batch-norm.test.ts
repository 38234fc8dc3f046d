import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { batchMoments, normalizeBatch, sharesOf } from '../../src/ops/batch-norm';
import { onEveryBackend } from '../helpers/backends';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const epsilon = 1e-3;
const weight = () => tf.tensor2d([[1, 1, 1, 0], [2, 1, 0, 1]]);

test('agrees with tf.batchNorm on each task', () =>
  onEveryBackend(() =>
    tf.tidy(() => {
      const x = tf.randomNormal([2, 6, 3], 4, 2);
      const shares = sharesOf(tf.ones([2, 6]), 1);
      const ours = normalizeBatch(x, shares, epsilon);
      const theirs = tf.stack(
        (tf.unstack(x) as tf.Tensor2D[]).map((task) => {
          const { mean, variance } = tf.moments(task, 0);
          return tf.batchNorm2d(task, mean as tf.Tensor1D, variance as tf.Tensor1D, undefined, undefined, epsilon);
        }),
      );
      expect(tf.max(tf.abs(tf.sub(ours, theirs))).dataSync()[0]).toBeLessThan(1e-4);
    }),
  ));

test('rows 1 and 3 have mean 2 and variance 1, whatever the padding holds', () =>
  tf.tidy(() => {
    const { mean, variance } = batchMoments(tf.tensor3d([[[1], [3], [1000]]]), sharesOf(tf.tensor2d([[1, 1, 0]]), 1));
    expect([mean.shape, variance.shape]).toEqual([[1, 1], [1, 1]]);
    expect([mean.dataSync()[0], variance.dataSync()[0]]).toEqual([2, 1]);
  }));

test('shares of two examples with three positions are sixths', () =>
  tf.tidy(() => {
    const shares = sharesOf(tf.tensor2d([[1, 0, 1]]), 3);
    expect(shares.shape).toEqual([1, 9]);
    [1, 1, 1, 0, 0, 0, 1, 1, 1].forEach((value, index) => expect(shares.dataSync()[index]).toBeCloseTo(value / 6, 6));
    expect([...sharesOf(tf.zeros([1, 2]), 1).dataSync()]).toEqual([0, 0]);
  }));

test('derivatives are right, with unequal weights and padding too', async () => {
  const normalized = (x: tf.Tensor) => tf.square(tf.add(normalizeBatch(x, sharesOf(weight(), 1), epsilon), 1));
  await expectDerivatives(normalized, [2, 4, 3]);
  await expectDerivatives((x) => {
    const { mean, variance } = batchMoments(x, sharesOf(weight(), 1));
    return tf.mul(mean, tf.sqrt(variance));
  }, [2, 4, 3]);
});

test('leaks nothing', () =>
  expectNoLeak(() => {
    const x = tf.randomNormal([2, 4, 3]);
    const examples = weight();
    const shares = sharesOf(examples, 1);
    const { mean, variance } = batchMoments(x, shares);
    tf.dispose([x, examples, shares, mean, variance, normalizeBatch(x, shares, epsilon)]);
  }));
