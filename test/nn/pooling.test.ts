import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { flatten } from '../../src/nn/flatten';
import { averagePool, averagePool1d, globalAveragePool, globalMaxPool, maxPool, maxPool1d } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';

testNetwork('maxPool', () => sequential([5, 4, 2], [maxPool()]), { step: 0.001 });
testNetwork('maxPool of 3 × 2, same', () => sequential([4, 5, 2], [maxPool([3, 2], 2, { padding: 'same' })]), { step: 0.001 });
testNetwork('averagePool', () => sequential([5, 4, 2], [averagePool(3, 1)]));
if (isFull) testNetwork('averagePool of 2 × 3, same', () => sequential([4, 5, 2], [averagePool([2, 3], [1, 2], { padding: 'same' })]));
if (isFull) testNetwork('maxPool1d', () => sequential([5, 2], [maxPool1d()]), { step: 0.001 });
if (isFull) testNetwork('averagePool1d', () => sequential([5, 2], [averagePool1d(3, 2)]));
testNetwork('globalAveragePool', () => sequential([2, 3, 2], [globalAveragePool()]));
testNetwork('globalMaxPool', () => sequential([4, 2], [globalMaxPool()]), { step: 0.001 });
testNetwork('flatten', () => sequential([2, 3, 2], [flatten()]));

const pooled = (layer: ReturnType<typeof maxPool>) =>
  tf.tidy(() => [...sequential([2, 4, 1], [layer]).apply({}, tf.reshape(tf.range(1, 9), [1, 1, 2, 4, 1])).dataSync()]);

test('of [[1 … 4], [5 … 8]]', () => {
  expect(pooled(maxPool())).toEqual([6, 8]);
  expect(pooled(averagePool())).toEqual([3.5, 5.5]);
  expect(pooled(maxPool(2, 1))).toEqual([6, 7, 8]);
  expect(pooled(maxPool([1, 2]))).toEqual([2, 4, 6, 8]);
  expect(pooled(maxPool(3, 1, { padding: 'same' }))).toEqual([6, 7, 8, 8, 6, 7, 8, 8]);
  expect(pooled(averagePool([2, 3], 2, { padding: 'same' }))).toEqual([4, 5.5]);
  expect(pooled(globalAveragePool())).toEqual([4.5]);
  expect(pooled(globalMaxPool())).toEqual([8]);
  expect(pooled(flatten())).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('of a sequence 1 … 5', () => {
  const along = (layer: ReturnType<typeof maxPool>) =>
    tf.tidy(() => [...sequential([5, 1], [layer]).apply({}, tf.reshape(tf.range(1, 6), [1, 1, 5, 1])).dataSync()]);
  expect(along(maxPool1d())).toEqual([2, 4]);
  expect(along(maxPool1d(3, 2, { padding: 'same' }))).toEqual([2, 4, 5]);
  expect(along(averagePool1d(3, 1))).toEqual([2, 3, 4]);
  expect(along(averagePool1d(2, 2, { padding: 'same' }))).toEqual([1.5, 3.5, 5]);
  expect(along(globalAveragePool())).toEqual([3]);
  expect(along(globalMaxPool())).toEqual([5]);
});

test('refuse what no window fits in', () => {
  expect(() => sequential([1, 1, 8], [maxPool()])).toThrow('maxPool: expected images [height, width, channels] of at least 2 × 2, got [1, 1, 8].');
  expect(() => sequential([3, 1, 8], [averagePool([3, 2])])).toThrow('averagePool: expected images [height, width, channels] of at least 3 × 2, got [3, 1, 8].');
  expect(() => sequential([1, 8], [maxPool1d()])).toThrow('maxPool1d: expected sequences [length, channels] of at least 2, got [1, 8].');
  expect(() => sequential([8], [globalMaxPool()])).toThrow('globalMaxPool: expected images [height, width, channels] or sequences [length, channels], got [8].');
  expect(() => maxPool(2, 0)).toThrow('maxPool: stride: expected a whole number of at least 1, got 0.');
  expect(() => averagePool1d(1.5)).toThrow('averagePool1d: size: expected a whole number of at least 1, got 1.5.');
});
