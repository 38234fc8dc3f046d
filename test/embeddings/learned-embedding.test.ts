import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { learnedEmbedding } from '../../src/embeddings/learned-embedding';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { valueTasks } from './tasks';

testEmbeddingStart('learnedEmbedding', () => learnedEmbedding({ size: 4 }), (tasks) => valueTasks(tasks, 5));

test('starts every task at the same standard normal values', () => {
  const source = learnedEmbedding({ size: 2000 });
  const embedding = source.start(initParams(source.specs, createRng('one')), valueTasks(2, 3));
  const [first, second] = tf.unstack(embedding) as [tf.Tensor, tf.Tensor];
  expect([...second.dataSync()]).toEqual([...first.dataSync()]);
  expect(tf.mean(tf.square(first)).dataSync()[0]).toBeCloseTo(1, 1);
});

test('rejects a size of zero', () =>
  expect(() => learnedEmbedding({ size: 0 })).toThrow('learnedEmbedding: size: expected a whole number of at least 1, got 0.'));
