import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { conv1d } from '../../src/nn/conv1d';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';

testNetwork('conv1d', () => sequential([5, 2], [conv1d(3)]));
if (isFull) testNetwork('conv1d by stride 2', () => sequential([6, 2], [conv1d(2, 4, { stride: 2, padding: 'valid', bias: 'none' })]));

test('has the kernel of tf.layers, [size, channels, filters]', () => {
  const { specs, outputShape } = conv1d(8, 5, { stride: 2 }).build([11, 3]);
  expect(specs['kernel']).toMatchObject({ shape: [5, 3, 8], fanIn: 15 });
  expect(outputShape).toEqual([6, 8]);
});

test('sums of neighbours, and of every other one', () =>
  tf.tidy(() => {
    const params = { kernel: tf.ones([1, 2, 1, 1]), bias: tf.fill([1, 1], 100) };
    const x = tf.reshape(tf.range(1, 6), [1, 1, 5, 1]);
    const apply = (options: Parameters<typeof conv1d>[2]) => [...conv1d(1, 2, options).build([5, 1]).apply(params, x).dataSync()];
    expect(apply({})).toEqual([103, 105, 107, 109, 105]);
    expect(apply({ padding: 'valid', dilation: 2 })).toEqual([104, 106, 108]);
    expect(apply({ padding: 'valid', stride: 3 })).toEqual([103, 109]);
  }));

test('refuses images, sequences shorter than a valid window, and no count', () => {
  expect(() => sequential([4, 4, 1], [conv1d(2)])).toThrow('conv1d: expected sequences [length, channels] of at least 1, got [4, 4, 1].');
  expect(() => sequential([4, 1], [conv1d(2, 3, { padding: 'valid', dilation: 2 })])).toThrow('of at least 5, got [4, 1].');
  expect(() => conv1d(2, 0)).toThrow('conv1d: kernelSize: expected a whole number of at least 1, got 0.');
  expect(() => conv1d(2, 3, { stride: 2, dilation: 2 })).toThrow('conv1d: expected a stride or a dilation of 1, got 1 × 2 and 1 × 2.');
  expect(() => conv1d(2, 3, { padding: 'causal' as 'same' })).toThrow("conv1d: padding: expected one of 'same', 'valid', got 'causal'.");
});
