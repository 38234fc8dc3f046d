import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { conv2d } from '../../src/nn/conv2d';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('conv2d', () => sequential([4, 3, 2], [conv2d(2)]));
testNetwork('conv2d by stride 2', () => sequential([5, 4, 1], [conv2d(2, 3, { stride: 2, bias: 'none' })]));

test('a kernel of ones sums its neighbourhood, plus the bias', () =>
  tf.tidy(() => {
    const params = { kernel: tf.ones([1, 2, 2, 1, 1]), bias: tf.fill([1, 1], 100) };
    const layer = conv2d(1, 2, { padding: 'valid' }).build([3, 3, 1]);
    expect(layer.outputShape).toEqual([2, 2, 1]);
    expect([...layer.apply(params, tf.reshape(tf.range(1, 10), [1, 1, 3, 3, 1])).dataSync()]).toEqual([112, 116, 124, 128]);
  }));

test('refuses vectors, and images smaller than a valid window', () => {
  expect(() => sequential([4], [conv2d(2)])).toThrow('conv2d: expected images [height, width, channels] of at least 1 × 1, got [4].');
  expect(() => sequential([2, 2, 1], [conv2d(2, 3, { padding: 'valid' })])).toThrow('of at least 3 × 3, got [2, 2, 1].');
});
