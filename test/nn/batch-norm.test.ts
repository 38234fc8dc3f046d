import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { batchNorm, type BatchStatistics } from '../../src/nn/batch-norm';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('batchNorm', () => sequential([3], [batchNorm()]));
testNetwork('batchNorm on images', () => sequential([2, 3, 2], [batchNorm()]));
testNetwork('batchNorm of the batch', () => sequential([3], [batchNorm({ statistics: 'batch' })]));
testNetwork('batchNorm with running statistics', () => sequential([3], [batchNorm({ statistics: 'running' })]));

const layer = (statistics: BatchStatistics) => batchNorm({ statistics, epsilon: 1e-9 }).build([1]);
const unit = () => ({ scale: tf.ones([1, 1]), shift: tf.zeros([1, 1]) });

test('each task has its own statistics, though parameters are shared', () =>
  tf.tidy(() => {
    const output = layer('support').apply(unit(), tf.tensor3d([[[1], [3]], [[100], [300]]]));
    [-1, 1, -1, 1].forEach((value, index) => expect(output.dataSync()[index]).toBeCloseTo(value, 5));
  }));

test('a query of one example is normalized with the statistics of its support set', () =>
  tf.tidy(() => {
    const { observe, apply } = layer('support');
    const observed = observe!(unit(), tf.tensor3d([[[1], [3]]]));
    expect(apply(observed, tf.tensor3d([[[4]]])).dataSync()[0]).toBeCloseTo(2, 5);
    expect(observed.mean!.shape).toEqual([1, 1]);
  }));

test('policies differ in what they keep', () => {
  expect(Object.keys(layer('support').specs)).toEqual(['scale', 'shift']);
  expect(layer('batch').observe).toBeUndefined();
  const { mean, variance } = layer('running').specs;
  expect([mean!.role, variance!.role]).toEqual(['statistic', 'statistic']);
});

test('running statistics are used and kept where they are given, and observed where they are not', () =>
  tf.tidy(() => {
    const { apply, observe } = layer('running');
    const params = { ...unit(), mean: tf.tensor2d([[10]]), variance: tf.tensor2d([[4]]) };
    const x = tf.tensor3d([[[12], [16]], [[0], [2]]]);
    expect(apply(params, x).dataSync()[0]).toBeCloseTo(1, 5);
    expect([...observe!(params, x).mean!.dataSync()]).toEqual([10]);
    expect([...observe!(unit(), x).mean!.dataSync()]).toEqual([14, 1]);
  }));

test('refuses an unknown policy', () =>
  expect(() => batchNorm({ statistics: 'query' as BatchStatistics })).toThrow(
    `batchNorm: statistics: expected one of 'support', 'batch', 'running', got 'query'.`,
  ));
