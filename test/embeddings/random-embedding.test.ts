import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { randomEmbedding } from '../../src/embeddings/random-embedding';
import { valueTasks } from './tasks';

test('starts every task at a place of its own, as far out as the deviation says', () => {
  const [one, other] = tf.unstack(randomEmbedding({ size: 2000, deviation: 0.5 }).start({}, valueTasks(2, 3))) as [tf.Tensor, tf.Tensor];
  expect([...one.dataSync()]).not.toEqual([...other.dataSync()]);
  expect(tf.mean(tf.square(one)).dataSync()[0]).toBeCloseTo(0.25, 1);
});

test('rejects a deviation of zero', () =>
  expect(() => randomEmbedding({ size: 2, deviation: 0 })).toThrow('randomEmbedding: deviation: expected a finite number above 0, got 0.'));
