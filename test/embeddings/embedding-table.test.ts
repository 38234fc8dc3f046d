import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { embeddingTable } from '../../src/embeddings/embedding-table';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { valueTasks } from './tasks';

const rowsOf = (tasks: number) => tf.oneHot(tf.tensor1d([2, 0, 1].slice(0, tasks), 'int32'), 3).cast('float32');

testEmbeddingStart('embeddingTable', () => embeddingTable({ rows: 3, size: 4 }), (tasks) => ({
  ...valueTasks(tasks, 5),
  row: rowsOf(tasks),
}));

test('gives each task its own row', () => {
  const table = tf.tensor3d([[[1, 2], [3, 4], [5, 6]]]);
  const embedding = embeddingTable({ rows: 3, size: 2 }).start({ table }, { ...valueTasks(2, 3), row: rowsOf(2) });
  expect(embedding.arraySync()).toEqual([[5, 6], [1, 2]]);
});

test('rejects tasks without a row, and a row of another table', () => {
  const source = embeddingTable({ rows: 3, size: 2 });
  const table = tf.zeros([1, 3, 2]);
  expect(() => source.start({ table }, valueTasks(2, 3))).toThrow('embeddingTable: expected tasks with a row, got none;');
  expect(() => source.start({ table }, { ...valueTasks(2, 3), row: tf.ones([2, 5]) })).toThrow('row: expected shape [*, 3], got [2, 5].');
});
