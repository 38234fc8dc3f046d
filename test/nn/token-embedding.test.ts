import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { sequential } from '../../src/nn/sequential';
import { tokenEmbedding } from '../../src/nn/token-embedding';
import { testNetwork } from '../contracts/network';

testNetwork('tokenEmbedding', () => sequential([3], [tokenEmbedding(4, 2)]));

test('picks rows of each task’s own table; what is no token gives zeros', () =>
  tf.tidy(() => {
    const network = tokenEmbedding(2, 2).build([2]);
    expect(network.outputShape).toEqual([2, 2]);
    const table = tf.tensor3d([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]);
    const x = tf.tensor3d([[[1, 0]], [[-1, 1]]]);
    expect([...network.apply({ table }, x).dataSync()]).toEqual([3, 4, 1, 2, 0, 0, 7, 8]);
    expect([...network.apply({ table }, tf.tensor3d([[[2, 0.5]]])).dataSync()]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  }));

test('refuses a vocabulary of none', () =>
  expect(() => tokenEmbedding(0, 2)).toThrow('tokenEmbedding: vocabulary: expected a whole number of at least 1, got 0.'));
