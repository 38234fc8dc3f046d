import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import { averagePool, maxPool } from '../../src/ops/pooling';
import { onEveryBackend } from '../helpers/backends';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const cases = [
  { size: 2, stride: 2, image: [4, 4] },
  { size: 2, stride: 2, image: [5, 7] },
  { size: 3, stride: 2, image: [7, 6] },
  { size: 3, stride: 1, image: [4, 5] },
  { size: 2, stride: 3, image: [6, 5] },
] as const;

/** Values far apart, so that no small step changes which one is the largest. */
const distinct = (shape: number[]) => () => {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(createRng('distinct').shuffle(Array.from({ length: size }, (_, index) => (4 * index) / size - 2)), shape);
};

describe.each(cases)('windows of $size by stride $stride on $image', ({ size, stride, image }) => {
  const shape = [2, 1, ...image, 2];

  test('agree with tf.maxPool and tf.avgPool', () =>
    onEveryBackend(() =>
      tf.tidy(() => {
        const x = distinct(shape)();
        const merged = tf.reshape<tf.Rank.R4>(x, [2, ...image, 2]);
        const same = (ours: tf.Tensor, theirs: tf.Tensor) => {
          expect(ours.shape).toEqual([2, 1, ...theirs.shape.slice(1)]);
          ours.dataSync().forEach((value, index) => expect(value).toBeCloseTo(theirs.dataSync()[index]!, 5));
        };
        same(maxPool(x, { size, stride }), tf.maxPool(merged, size, stride, 'valid'));
        same(averagePool(x, { size, stride }), tf.avgPool(merged, size, stride, 'valid'));
      }),
    ));

  test('have the right derivatives', async () => {
    await expectDerivatives((x) => tf.square(averagePool(x, { size, stride })), shape);
    await expectDerivatives((x) => tf.square(maxPool(x, { size, stride })), distinct(shape));
  });
});

test('the first of equal values takes the whole gradient, and the second derivative follows it', () =>
  onEveryBackend((backend) =>
    tf.tidy(() => {
      const x = tf.tensor([-5, -5, -9, -5, -5, -5, -7, -6], [1, 1, 2, 4, 1]);
      const gradient = tf.grad((value: tf.Tensor) => maxPool(value))(x);
      expect([...gradient.dataSync()], backend).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
      const weights = tf.reshape(tf.range(1, 9), x.shape);
      const slope = (value: tf.Tensor) => tf.sum(tf.mul(tf.grad((inner: tf.Tensor) => tf.square(maxPool(inner)))(value), weights));
      expect([...tf.grad(slope)(x).dataSync()], backend).toEqual([2, 0, 0, 8, 0, 0, 0, 0]);
    }),
  ));

test('the largest of negative values is negative', () =>
  onEveryBackend((backend) =>
    tf.tidy(() => {
      expect(maxPool(tf.reshape([-3, -1, -2, -4], [1, 1, 2, 2, 1])).dataSync()[0], backend).toBe(-1);
    }),
  ));

test('an infinite value spoils no other window', () =>
  onEveryBackend((backend) =>
    tf.tidy(() => {
      const x = tf.tensor([Infinity, 1, 2, 1, 2, 0, 3, 4, 5], [1, 1, 3, 3, 1]);
      const gradient = tf.grad((value: tf.Tensor) => tf.minimum(maxPool(value, { padding: 'same' }), 3))(x);
      expect([...gradient.dataSync()], backend).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0]); // of the windows' largest, only 2 is below 3
    }),
  ));

test('leak nothing', () =>
  expectNoLeak(() => {
    const x = tf.ones([1, 2, 4, 4, 1]);
    tf.dispose([x, maxPool(x), averagePool(x), tf.grad((value: tf.Tensor) => maxPool(value))(x)]);
  }));

test('refuse images smaller than a window', () =>
  expect(() => maxPool(tf.zeros([1, 1, 2, 1, 3]))).toThrow(
    'maxPool: expected images [T, n, H, W, C] no smaller than 2 × 2, got [1, 1, 2, 1, 3].',
  ));
