import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { flatten } from '../../src/nn/flatten';
import { averagePool, globalAveragePool, maxPool } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('maxPool', () => sequential([5, 4, 2], [maxPool()]), { step: 0.001 });
testNetwork('averagePool', () => sequential([5, 4, 2], [averagePool(3, 1)]));
testNetwork('globalAveragePool', () => sequential([2, 3, 2], [globalAveragePool()]));
testNetwork('flatten', () => sequential([2, 3, 2], [flatten()]));

const pooled = (layer: ReturnType<typeof maxPool>) =>
  tf.tidy(() => [...sequential([2, 4, 1], [layer]).apply({}, tf.reshape(tf.range(1, 9), [1, 1, 2, 4, 1])).dataSync()]);

test('of [[1 … 4], [5 … 8]]', () => {
  expect(pooled(maxPool())).toEqual([6, 8]);
  expect(pooled(averagePool())).toEqual([3.5, 5.5]);
  expect(pooled(maxPool(2, 1))).toEqual([6, 7, 8]);
  expect(pooled(globalAveragePool())).toEqual([4.5]);
  expect(pooled(flatten())).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('refuse images smaller than a window', () =>
  expect(() => sequential([1, 1, 8], [maxPool()])).toThrow('maxPool: expected images [height, width, channels] of at least 2 × 2, got [1, 1, 8].'));
