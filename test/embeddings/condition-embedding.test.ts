import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { conditionEmbedding } from '../../src/embeddings/condition-embedding';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { valueTasks } from './tasks';

const conditioned = (tasks: number) => ({
  ...valueTasks(tasks, 5),
  condition: tf.tensor2d([[1, -2], [0.5, 3], [-1, 1]].slice(0, tasks)),
});

testEmbeddingStart('conditionEmbedding', () => conditionEmbedding({ conditionSize: 2 }), conditioned);
testEmbeddingStart('conditionEmbedding with a network', () => conditionEmbedding({ conditionSize: 2, size: 3, hidden: [4], activation: 'softplus' }), conditioned);

test('is the vector itself where no other size is asked for', () => {
  const source = conditionEmbedding({ conditionSize: 2 });
  expect(source.specs).toEqual({});
  expect(source.start({}, conditioned(2)).arraySync()).toEqual([[1, -2], [0.5, 3]]);
});

test('rejects tasks without a condition, and one of another length', () => {
  const source = conditionEmbedding({ conditionSize: 2 });
  expect(() => source.start({}, valueTasks(2, 3))).toThrow('conditionEmbedding: expected tasks with a condition, got none;');
  expect(() => source.start({}, { ...valueTasks(2, 3), condition: tf.ones([2, 3]) })).toThrow(
    'condition: expected shape [*, 2], got [2, 3].',
  );
});
