import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { conditionEmbedding } from '../../src/embeddings/condition-embedding';
import { encodeBounded } from '../../src/embeddings/encode-bounded';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { mlp } from '../../src/nn/mlp';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';
import { valueTasks } from './tasks';

const conditioned = (tasks: number) => ({ ...valueTasks(tasks, 5), condition: tf.tensor2d([[1, -2], [0.5, 1.5], [-1, 1]].slice(0, tasks)) });

testEmbeddingStart('conditionEmbedding within bounds', () => conditionEmbedding({ conditionSize: 2, bounds: [-2, 2] }), conditioned);
testEmbeddingStart(
  'conditionEmbedding within bounds with a network',
  () => conditionEmbedding({ conditionSize: 2, bounds: [-2, 2], size: 3, hidden: [4], activation: 'softplus' }),
  conditioned,
);

test('the lowest value is (√2, 0), the highest (0, √2), the middle (1, 1)', () => {
  const encoded = encodeBounded(tf.tensor2d([[10], [30], [20]]), [10, 30]).dataSync();
  [Math.SQRT2, 0, 0, Math.SQRT2, 1, 1].forEach((value, index) => expect(encoded[index]).toBeCloseTo(value, 6));
});

test('the mean square of a task is 1 whatever its values', () => {
  const encoded = encodeBounded(tf.tensor2d([[0, 0, 0], [0.1, 0.9, 0.5], [1, 1, 1]]));
  for (const value of tf.mean(tf.square(encoded), 1).dataSync()) expect(value).toBeCloseTo(1, 6);
});

test('is right to second order', () => expectDerivatives((x) => encodeBounded(x, [-1, 3]), [2, 3]));

test('leaks nothing', async () => {
  const values = tf.tensor2d([[0.5]]);
  await expectNoLeak(() => encodeBounded(values).dispose());
});

describe('the scale of generated weights', () => {
  /** Root mean square of a generated kernel for vectors of different size: all values 0.01, 0.1, 1. */
  const sizes = (hidden: readonly number[], bounds?: readonly [number, number]) => {
    const start = conditionEmbedding({ conditionSize: 8, ...(bounds ? { bounds } : {}) });
    const hypernetwork = fullHypernetwork({ embeddingSize: start.size, hidden }).build(mlp([4, 64, 1]).specs);
    const params = initParams(hypernetwork.specs, createRng('magnitude'));
    return [0.01, 0.1, 1].map((size) => {
      const embedding = start.start({}, { ...valueTasks(1, 2), condition: tf.fill([1, 8], size) });
      return Math.sqrt(tf.mean(tf.square(hypernetwork.generate(params, embedding)['dense1/kernel']!)).dataSync()[0]!);
    });
  };
  const range = (values: readonly number[]) => Math.max(...values) / Math.min(...values);

  test('follows that of the vector as it is', () => expect(range(sizes([]))).toBeCloseTo(100, 1));

  test('does not move within bounds, from a linear hypernetwork or a deep one', () => {
    expect(range(sizes([], [0, 1]))).toBeLessThan(1.25);
    expect(range(sizes([64, 64], [0, 1]))).toBeLessThan(1.25);
  });
});

test('refuses bounds that bound nothing', () => {
  expect(() => encodeBounded(tf.ones([1, 1]), [1, 1])).toThrow('encodeBounded: bounds: expected two finite numbers, the lower one first, got [1, 1].');
  expect(() => conditionEmbedding({ conditionSize: 2, bounds: [0, Infinity] })).toThrow('conditionEmbedding: bounds: expected two finite numbers');
});

test('the embedding is twice as long as the vector', () => {
  expect(conditionEmbedding({ conditionSize: 3, bounds: [0, 1] }).size).toBe(6);
  expect(conditionEmbedding({ conditionSize: 3, bounds: [0, 1], size: 4 }).size).toBe(4);
});
