import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { conv2d } from '../../src/nn/conv2d';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';

testNetwork('conv2d', () => sequential([4, 3, 2], [conv2d(2)]));
testNetwork('conv2d by stride 2', () => sequential([5, 4, 1], [conv2d(2, 3, { stride: 2, bias: 'none' })]));
testNetwork('conv2d of 1 × 3 by strides 1 and 2', () => sequential([2, 5, 2], [conv2d(2, [1, 3], { stride: [1, 2], padding: 'valid' })]));
if (isFull) testNetwork('conv2d with gaps', () => sequential([5, 4, 1], [conv2d(2, 2, { dilation: [2, 1] })]));

test('a kernel of ones sums its neighbourhood, plus the bias', () =>
  tf.tidy(() => {
    const params = { kernel: tf.ones([1, 2, 2, 1, 1]), bias: tf.fill([1, 1], 100) };
    const layer = conv2d(1, 2, { padding: 'valid' }).build([3, 3, 1]);
    expect(layer.outputShape).toEqual([2, 2, 1]);
    expect([...layer.apply(params, tf.reshape(tf.range(1, 10), [1, 1, 3, 3, 1])).dataSync()]).toEqual([112, 116, 124, 128]);
  }));

test('of [[1 … 4], [5 … 8]], pairs two apart and rows by strides', () =>
  tf.tidy(() => {
    const apply = (layer: ReturnType<typeof conv2d>, window: number[]) => {
      const network = layer.build([2, 4, 1]);
      return [network.outputShape, [...network.apply({ kernel: tf.ones([1, ...window, 1, 1]) }, tf.reshape(tf.range(1, 9), [1, 1, 2, 4, 1])).dataSync()]];
    };
    const plain = { bias: 'none', padding: 'valid' } as const;
    expect(apply(conv2d(1, [1, 2], { ...plain, dilation: 2 }), [1, 2])).toEqual([[2, 2, 1], [4, 6, 12, 14]]);
    expect(apply(conv2d(1, [1, 2], { ...plain, stride: [2, 1] }), [1, 2])).toEqual([[1, 3, 1], [3, 5, 7]]);
    expect(apply(conv2d(1, 1, { ...plain, padding: 'same', stride: 2 }), [1, 1])).toEqual([[1, 2, 1], [1, 3]]);
  }));

test('refuses vectors, images smaller than a valid window, and steps that make no sense', () => {
  expect(() => sequential([4], [conv2d(2)])).toThrow('conv2d: expected images [height, width, channels] of at least 1 × 1, got [4].');
  expect(() => sequential([2, 2, 1], [conv2d(2, 3, { padding: 'valid' })])).toThrow('of at least 3 × 3, got [2, 2, 1].');
  expect(() => sequential([4, 2, 1], [conv2d(2, [1, 2], { padding: 'valid', dilation: 2 })])).toThrow('of at least 1 × 3, got [4, 2, 1].');
  expect(() => conv2d(2, [3, 0])).toThrow('conv2d: kernelSize: expected a whole number of at least 1, got 0.');
  expect(() => conv2d(2, [3, 3, 3] as unknown as [number, number])).toThrow('conv2d: kernelSize: expected a number or a pair [height, width], got [3,3,3].');
  expect(() => conv2d(2, 3, { stride: 2, dilation: 2 })).toThrow('conv2d: expected a stride or a dilation of 1, got 2 × 2 and 2 × 2.');
  expect(() => conv2d(2, 3, { padding: 'full' as 'same' })).toThrow("conv2d: padding: expected one of 'same', 'valid', got 'full'.");
});
