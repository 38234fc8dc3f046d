import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { taskDepthwiseConv2d } from '../../src/ops/task-depthwise-convolution';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

test('a window of ones sums the neighbourhood of each channel', () =>
  tf.tidy(() => {
    const x = tf.reshape(tf.range(1, 9), [1, 1, 2, 2, 2]); // [[1, 3], [5, 7]] and [[2, 4], [6, 8]]
    expect([...taskDepthwiseConv2d(x, tf.ones([1, 2, 2, 2, 1]), { padding: 'valid' }).dataSync()]).toEqual([16, 20]);
  }));

test('is right to second order where tasks share a kernel, and where they share images', async () => {
  const smooth = (x: tf.Tensor, kernel: tf.Tensor) => tf.square(taskDepthwiseConv2d(x, kernel, { stride: [2, 1] }));
  await expectDerivatives(smooth, [2, 1, 3, 3, 2], [1, 2, 2, 2, 2]);
  await expectDerivatives(smooth, [1, 2, 3, 2, 1], [2, 3, 2, 1, 1]);
});

test('leaks nothing', () =>
  expectNoLeak(() => {
    const x = tf.ones([2, 2, 4, 4, 2]);
    const kernel = tf.ones([2, 3, 3, 2, 2]);
    const gradient = tf.grad((own: tf.Tensor) => taskDepthwiseConv2d(x, own, { dilation: 2 }))(kernel);
    tf.dispose([x, kernel, gradient, taskDepthwiseConv2d(x, kernel, { stride: 2 })]);
  }));

test('refuses kernels that do not fit, and a stride with a dilation', () => {
  const x = tf.zeros([2, 1, 4, 4, 3]);
  expect(() => taskDepthwiseConv2d(x, tf.zeros([2, 3, 3, 1, 8]))).toThrow('taskDepthwiseConv2d: expected images [T, n, H, W, C] and kernel');
  expect(() => taskDepthwiseConv2d(x, tf.zeros([3, 3, 3, 3, 1]))).toThrow('got [2, 1, 4, 4, 3] and [3, 3, 3, 3, 1].');
  expect(() => taskDepthwiseConv2d(x, tf.zeros([1, 3, 3, 3, 1]), { padding: 'valid', dilation: 2 })).toThrow('no larger than they');
  expect(() => taskDepthwiseConv2d(x, tf.zeros([1, 3, 3, 3, 1]), { stride: 2, dilation: 2 })).toThrow('expected a stride or a dilation of 1');
  x.dispose();
});
