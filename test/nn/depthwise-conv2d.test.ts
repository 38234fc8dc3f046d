import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { countParams } from '../../src/core/params';
import { depthwiseConv2d, separableConv2d } from '../../src/nn/depthwise-conv2d';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';

testNetwork('depthwiseConv2d', () => sequential([4, 3, 2], [depthwiseConv2d(3, { multiplier: 2 })]));
if (isFull) testNetwork('depthwiseConv2d by strides 2 and 1', () => sequential([5, 3, 2], [depthwiseConv2d([3, 2], { stride: [2, 1], padding: 'valid', bias: 'none' })]));
if (isFull) testNetwork('separableConv2d', () => sequential([4, 3, 2], [separableConv2d(3, 3, { multiplier: 2, stride: 2 })]));

test('each channel has windows of its own, whose results stand side by side', () =>
  tf.tidy(() => {
    const layer = depthwiseConv2d(1, { multiplier: 2 }).build([1, 1, 2]);
    expect(layer.specs['kernel']).toMatchObject({ shape: [1, 1, 2, 2], fanIn: 1 });
    const params = { kernel: tf.tensor([1, 10, 100, 1000], [1, 1, 1, 2, 2]), bias: tf.tensor2d([[0, 0, 0, 1]]) };
    expect([...layer.apply(params, tf.tensor([2, 3], [1, 1, 1, 1, 2])).dataSync()]).toEqual([2, 20, 300, 3001]);
  }));

test('a separable convolution mixes what a depthwise one gives', () =>
  tf.tidy(() => {
    const network = sequential([1, 2, 1], [separableConv2d(1, [1, 2], { padding: 'valid', multiplier: 2 })]);
    const params = {
      'separable1/depthwise': tf.tensor([1, 10, 2, 20], [1, 1, 2, 1, 2]),
      'separable1/pointwise': tf.tensor([1, 100], [1, 1, 1, 2, 1]),
      'separable1/bias': tf.tensor2d([[5]]),
    };
    // (3 · 1 + 4 · 2) + 100 (3 · 10 + 4 · 20) + 5
    expect([...network.apply(params, tf.tensor([3, 4], [1, 1, 1, 2, 1])).dataSync()]).toEqual([11 + 11_000 + 5]);
  }));

test('a separable convolution of 3 × 3 from 64 to 128 channels has 8,896 weights in place of 73,856', () =>
  expect(countParams(separableConv2d(128).build([8, 8, 64]).specs)).toBe(9 * 64 + 64 * 128 + 128));

test('refuse what does not fit', () => {
  expect(() => sequential([4], [depthwiseConv2d()])).toThrow('depthwiseConv2d: expected images [height, width, channels] of at least 1 × 1, got [4].');
  expect(() => depthwiseConv2d(3, { multiplier: 0 })).toThrow('depthwiseConv2d: multiplier: expected a whole number of at least 1, got 0.');
  expect(() => separableConv2d(0)).toThrow('separableConv2d: filters: expected a whole number of at least 1, got 0.');
  expect(() => separableConv2d(2, 3, { stride: [2, 1], dilation: 2 })).toThrow('separableConv2d: expected a stride or a dilation of 1, got 2 × 1 and 2 × 2.');
  expect(() => sequential([2, 2, 1], [separableConv2d(2, 3, { padding: 'valid' })])).toThrow('separableConv2d: expected images [height, width, channels] of at least 3 × 3, got [2, 2, 1].');
});
