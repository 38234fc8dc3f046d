import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { countParams } from '../../src/core/params';
import { mlp } from '../../src/nn/mlp';
import { testNetwork } from '../contracts/network';

testNetwork('mlp', () => mlp([2, 4, 3]), { smooth: () => mlp([2, 4, 3], { activation: 'tanh' }) });
testNetwork('mlp with batch norm', () => mlp([2, 4, 3], { norm: 'batch' }), {
  smooth: () => mlp([2, 4, 3], { norm: 'batch', activation: 'softplus' }),
});
testNetwork('mlp with layer norm', () => mlp([2, 4, 3], { norm: 'layer', activation: 'swish' }));
testNetwork('mlp with running statistics', () => mlp([2, 3, 1], { norm: 'batch', activation: 'tanh', statistics: 'running' }));

test('|x| = relu(x) + relu(−x)', () =>
  tf.tidy(() => {
    const params = {
      'dense1/kernel': tf.tensor3d([[[1, -1]]]), 'dense1/bias': tf.zeros([1, 2]),
      'dense2/kernel': tf.tensor3d([[[1], [1]]]), 'dense2/bias': tf.zeros([1, 1]),
    };
    expect([...mlp([1, 2, 1]).apply(params, tf.tensor3d([[[-3], [0], [2]]])).dataSync()]).toEqual([3, 0, 2]);
  }));

test('counts its parameters', () => {
  expect(countParams(mlp([1, 40, 40, 1]).specs)).toBe(40 + 40 + 1600 + 40 + 40 + 1);
  // kernels, a scale and a shift per hidden unit, and the last bias
  expect(countParams(mlp([784, 256, 128, 64, 64, 5], { norm: 'batch' }).specs)).toBe(
    784 * 256 + 256 * 128 + 128 * 64 + 64 * 64 + 64 * 5 + 2 * (256 + 128 + 64 + 64) + 5,
  );
});

test('refuses a single size', () => expect(() => mlp([3])).toThrow('mlp: expected at least 2 sizes, got 1.'));
