import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams, tileParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { attention } from '../../src/nn/attention';
import { attentionBlock } from '../../src/nn/attention-block';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';
import { difference } from '../embeddings/tasks';

const identity = (size: number): Params => {
  const kernel = tf.expandDims(tf.eye(size), 0);
  return { query: kernel, key: kernel, value: kernel, output: kernel };
};

const fresh = (specs: Parameters<typeof initParams>[0]) => initParams(specs, createRng('attention'));
const rows = (tasks: number, n: number, size: number, seed = 'rows') => {
  const rng = createRng(seed);
  return tf.tensor3d(Float32Array.from({ length: tasks * n * size }, () => rng.normal()), [tasks, n, size]);
};

describe('attention', () => {
  test('a query that fits a key twice as well in logarithms weighs it by the softmax', () => {
    const keys = tf.tensor3d([[[Math.log(3)], [0]]]);
    // scores (log 3, 0), shares (3/4, 1/4), values the keys themselves
    const seen = attention(1, { heads: 1 }).apply(identity(1), tf.ones([1, 1, 1]), keys);
    expect(seen.dataSync()[0]).toBeCloseTo(0.75 * Math.log(3), 6);
  });

  test('scores are divided by the square root of the features of a head', () => {
    const keys = tf.tensor3d([[[2 * Math.log(3), 0, 0, 0], [0, 0, 0, 0]]]);
    const seen = attention(4, { heads: 1 }).apply(identity(4), tf.tensor3d([[[1, 0, 0, 0]]]), keys); // √4 = 2
    expect(seen.dataSync()[0]).toBeCloseTo(0.75 * 2 * Math.log(3), 6);
  });

  test('each head attends by its own share of the features', () => {
    const keys = tf.tensor3d([[[50, 0], [0, 50]]]);
    const queries = tf.tensor3d([[[1, 1]]]);
    const two = attention(2, { heads: 2 }).apply(identity(2), queries, keys); // each finds its own key
    const one = attention(2, { heads: 1 }).apply(identity(2), queries, keys); // cannot tell the two
    [50, 50].forEach((value, index) => expect(two.dataSync()[index]).toBeCloseTo(value, 4));
    [25, 25].forEach((value, index) => expect(one.dataSync()[index]).toBeCloseTo(value, 4));
  });

  test('a key of weight 0 is as good as absent, one of weight 2 as two of them', () => {
    const { specs, apply } = attention(4, { heads: 2 });
    const params = fresh(specs);
    const [queries, keys] = [rows(2, 3, 4, 'queries'), rows(2, 3, 4)];
    const absent = apply(params, queries, tf.slice(keys, [0, 0, 0], [2, 2, 4]));
    expect(difference(apply(params, queries, keys, tf.tensor2d([[1, 1, 0], [1, 1, 0]])), absent)).toBeLessThan(1e-6);
    const twice = apply(params, queries, tf.concat([keys, tf.slice(keys, [0, 2, 0], [2, 1, 4])], 1));
    expect(difference(apply(params, queries, keys, tf.tensor2d([[1, 1, 2], [1, 1, 2]])), twice)).toBeLessThan(1e-6);
  });

  test('queries may differ in what keys count for them', () => {
    const { specs, apply } = attention(4, { heads: 2 });
    const params = fresh(specs);
    const [queries, keys] = [rows(1, 2, 4, 'queries'), rows(1, 2, 4)];
    const each = apply(params, queries, keys, tf.tensor3d([[[1, 0], [0, 1]]]));
    const own = [0, 1].map((index) => apply(params, tf.slice(queries, [0, index, 0], [1, 1, 4]), tf.slice(keys, [0, index, 0], [1, 1, 4])));
    expect(difference(each, tf.concat(own, 1))).toBeLessThan(1e-6);
  });

  test('is finite where every key has weight 0, and where scores are huge', () => {
    const { specs, apply } = attention(4, { heads: 2 });
    const params = fresh(specs);
    for (const seen of [apply(params, rows(1, 2, 4), rows(1, 3, 4), tf.zeros([1, 3])), apply(params, tf.mul(rows(1, 2, 4), 1e4), tf.mul(rows(1, 3, 4), 1e4))])
      expect(seen.dataSync().every(Number.isFinite)).toBe(true);
  });

  test('shared parameters and queries are the same as copies of them', () => {
    const { specs, apply } = attention(4, { heads: 2 });
    const params = fresh(specs);
    const [queries, keys] = [rows(1, 2, 4, 'queries'), rows(3, 5, 4)];
    const shared = apply(params, queries, keys);
    expect(shared.shape).toEqual([3, 2, 4]);
    expect(difference(shared, apply(params, tf.tile(queries, [3, 1, 1]), keys))).toBeLessThan(1e-6);
    const copies = tileParams(params, 3);
    for (const name of Object.keys(params)) expect(difference(shared, apply({ ...params, [name]: copies[name]! }, queries, keys))).toBeLessThan(1e-6);
  });

  test('leaks nothing and keeps what it was given', () =>
    expectNoLeak(() => {
      const { specs, apply } = attention(4);
      const [params, x] = [fresh(specs), rows(2, 3, 4)];
      apply(params, x, x).dispose();
      tf.dispose([x, { ...params }]);
    }));

  test('refuses heads that do not share the features evenly', () =>
    expect(() => attention(6, { heads: 4 })).toThrow('attention: heads: expected a divisor of the 6 features, got 4.'));
});

test.each([
  ['attention', attention(4, { heads: 2 })],
  ['attentionBlock', attentionBlock(4, { heads: 2, hidden: 3, activation: 'softplus' })],
])('%s is right to second order in queries, keys and parameters, with weights', (_name, { specs, apply }) => {
  const names = Object.keys(specs);
  const weight = () => tf.tensor2d([[1, 0, 1], [2, 1, 1]]);
  const seen = (queries: tf.Tensor, keys: tf.Tensor, ...values: tf.Tensor[]) =>
    apply(Object.fromEntries(names.map((name, index) => [name, values[index]!])), queries, keys, weight());
  return expectDerivatives(seen, [1, 2, 4], [2, 3, 4], ...names.map((name) => [1, ...specs[name]!.shape]));
});

test('rows leave a block with mean 0 and variance 1', () => {
  const { specs, apply } = attentionBlock(64);
  const x = tf.mul(rows(2, 5, 64), 10);
  const seen = apply(fresh(specs), x, x);
  const { mean, variance } = tf.moments(seen, 2);
  for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 4);
  for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 2);
});
