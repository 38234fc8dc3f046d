import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { taskConv2d } from '../../src/ops/task-convolution';
import type { Padding } from '../../src/ops/window-steps';
import { onEveryBackend } from '../helpers/backends';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const cases: readonly { readonly image: [number, number]; readonly window: [number, number]; readonly stride: number; readonly padding: Padding }[] = [
  { image: [5, 5], window: [3, 3], stride: 1, padding: 'same' },
  { image: [5, 4], window: [3, 3], stride: 2, padding: 'same' },
  { image: [4, 6], window: [3, 3], stride: 2, padding: 'same' },
  { image: [5, 7], window: [2, 3], stride: 1, padding: 'valid' },
  { image: [6, 5], window: [3, 2], stride: 2, padding: 'valid' },
  { image: [7, 5], window: [1, 1], stride: 2, padding: 'same' },
  { image: [7, 8], window: [2, 2], stride: 3, padding: 'same' },
];

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

describe.each(cases)('taskConv2d of $image with window $window, stride $stride, $padding', ({ image, window, stride, padding }) => {
  const options = { stride, padding };

  test('agrees with tf.conv2d task by task', () =>
    onEveryBackend(() =>
      tf.tidy(() => {
        const x = normal([2, 3, ...image, 2], 1);
        const kernel = normal([2, ...window, 2, 4], 2);
        const ours = taskConv2d(x, kernel, options);
        const [images, kernels] = [tf.unstack(x) as tf.Tensor4D[], tf.unstack(kernel) as tf.Tensor4D[]];
        const theirs = tf.stack(images.map((one, task) => tf.conv2d(one, kernels[task]!, stride, padding)));
        expect(ours.shape).toEqual(theirs.shape);
        expect(tf.max(tf.abs(tf.sub(ours, theirs))).dataSync()[0]).toBeLessThan(1e-4);
      }),
    ));

  test('derivatives are right when each task has its own kernel, or all share one', async () => {
    const smooth = (x: tf.Tensor, kernel: tf.Tensor) => tf.square(taskConv2d(x, kernel, options));
    for (const [images, kernels] of [[2, 2], [2, 1], [1, 2]])
      await expectDerivatives(smooth, [images!, 2, ...image, 2], [kernels!, ...window, 2, 2]);
  });
});

test('a shared kernel is the same as copies of it, gradient included', () =>
  tf.tidy(() => {
    const x = normal([3, 2, 5, 5, 1], 3);
    const kernel = normal([1, 3, 3, 1, 2], 4);
    const value = (shared: tf.Tensor) => tf.sum(tf.square(taskConv2d(x, shared)));
    const gradient = tf.grad(value)(kernel);
    const copies = tf.grad((own: tf.Tensor) => tf.sum(tf.square(taskConv2d(x, own))))(tf.tile(kernel, [3, 1, 1, 1, 1]));
    expect(gradient.shape).toEqual(kernel.shape);
    expect(tf.max(tf.abs(tf.sub(gradient, tf.sum(copies, 0, true)))).dataSync()[0]).toBeLessThan(1e-3);
  }));

test('a window of ones sums its neighbourhood', () =>
  tf.tidy(() => {
    const x = tf.reshape(tf.range(1, 10), [1, 1, 3, 3, 1]);
    expect([...taskConv2d(x, tf.ones([1, 2, 2, 1, 1]), { padding: 'valid' }).dataSync()]).toEqual([12, 16, 24, 28]);
  }));

test('leaks nothing', () =>
  expectNoLeak(() => {
    const x = tf.ones([2, 2, 4, 4, 1]);
    const kernel = tf.ones([2, 3, 3, 1, 2]);
    const gradient = tf.grad((own: tf.Tensor) => taskConv2d(x, own, { stride: 2 }))(kernel);
    tf.dispose([x, kernel, gradient, taskConv2d(x, kernel)]);
  }));

test('refuses kernels that do not fit', () => {
  const x = tf.zeros([2, 1, 4, 4, 3]);
  expect(() => taskConv2d(x, tf.zeros([2, 3, 3, 1, 8]))).toThrow(
    'taskConv2d: expected images [T, n, H, W, C] and kernel [T, kh, kw, C, F] no larger than they, got [2, 1, 4, 4, 3] and [2, 3, 3, 1, 8].',
  );
  expect(() => taskConv2d(x, tf.zeros([3, 3, 3, 3, 8]))).toThrow('got [2, 1, 4, 4, 3] and [3, 3, 3, 3, 8].');
  expect(() => taskConv2d(x, tf.zeros([1, 5, 5, 3, 8]), { padding: 'valid' })).toThrow('no larger than they');
  expect(() => taskConv2d(x, tf.zeros([1, 3, 3, 3, 8]), { stride: 0 })).toThrow('taskConv2d: stride: expected a whole number');
});
