import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { readDataset, readDatasetTable } from '../../src/tasks/dataset';
import { tableTasks } from '../../src/tasks/table-tasks';
import { expectNoLeak } from '../helpers/leaks';

/** A data set whose elements are made anew for each reading. */
const dataset = (make: () => readonly unknown[]) =>
  tf.data.generator(function* () {
    yield* make() as tf.TensorContainer[];
  });

const circle: unknown[] = [];
circle.push(circle);

describe('readDataset', () => {
  test('tensors and lists, labels and one-hot rows', async () => {
    const images = [0, 1, 2, 3].map((index) => [[index], [10 + index]]);
    const expected = { inputShape: [2, 1], classes: [{ name: '0', examples: Float32Array.of(0, 10, 2, 12) }, { name: '1', examples: Float32Array.of(1, 11, 3, 13) }] };
    expect(await readDataset(dataset(() => images.map((xs, index) => ({ xs: tf.tensor2d(xs), ys: tf.oneHot(index % 2, 2) }))))).toEqual(expected);
    expect(await readDataset(dataset(() => images.map((xs, index) => ({ xs: tf.tensor2d(xs), ys: tf.scalar(index % 2, 'int32') }))))).toEqual(expected);
    const named = await readDataset(dataset(() => [5, 6].map((xs) => ({ xs, ys: `number ${xs}` }))));
    expect(named).toEqual({ inputShape: [1], classes: [{ name: 'number 5', examples: Float32Array.of(5) }, { name: 'number 6', examples: Float32Array.of(6) }] });
  });

  test('leaks nothing', () =>
    expectNoLeak(async () => {
      await readDataset(dataset(() => [0, 1].map((ys) => ({ xs: tf.ones([3]), ys: tf.scalar(ys) }))));
    }));

  test.each<[string, readonly unknown[], string]>([
    ['nothing', [], 'readDataset: expected at least 1 element, got none.'],
    ['other names', [{ x: 1, y: 2 }], 'readDataset: element 1: expected { xs, ys }, got { x, y }.'],
    ['another shape', [{ xs: [1, 2], ys: 'a' }, { xs: [1], ys: 'b' }], 'readDataset: element 2: xs: expected shape [2], as the first has, got [1].'],
    ['values as labels', [{ xs: [1], ys: [0.5, 0.5] }], 'readDataset: element 1: ys: expected a label, or a one-hot row with a single 1, got [0.5,0.5].'],
    ['a fraction as label', [{ xs: [1], ys: 0.5 }], 'element 1: ys[0]: expected a label'],
    ['lists in a circle', [{ xs: circle, ys: 'a' }], 'lists: expected at most 16 inside one another, got more.'],
    ['NaN', [{ xs: [NaN], ys: 'a' }, { xs: [1], ys: 'b' }], 'expected finite numbers, got NaN'],
  ])('refuses %s', async (_name, elements, message) => {
    const refused = readDataset(dataset(() => elements));
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(message);
  });
});

describe('readDatasetTable', () => {
  const rows = Array.from({ length: 24 }, (_, row) => ({ shop: `shop ${row % 4}`, size: row, price: 3 * row }));

  test('records, and { xs, ys } of records, become rows', async () => {
    const table = await readDatasetTable(dataset(() => rows));
    expect(table).toEqual({ columns: ['shop', 'size', 'price'], rows });
    const halves = rows.map(({ price, ...xs }) => ({ xs, ys: { price } }));
    expect(await readDatasetTable(dataset(() => halves))).toEqual(table);
    expect(tableTasks(table, { task: 'shop', target: 'price', shots: 2, queryShots: 2 }).inputs).toEqual(['size']);
  });

  test.each<[string, readonly unknown[], string]>([
    ['nothing', [], 'readDatasetTable: expected at least 1 element, got none.'],
    ['a missing cell', [{ a: 1, b: undefined }], 'readDatasetTable: element 1: expected a record of text and numbers, got { a, b }.'],
    ['other columns', [{ a: 1 }, { b: 1 }], 'readDatasetTable: element 2: expected the columns a, as the first has, got b.'],
    ['a column twice', [{ xs: { a: 1 }, ys: { a: 2 } }], "readDatasetTable: element 1: expected a name of its own for every column, got 'a', 'a'."],
    ['numbers', [1], 'readDatasetTable: element 1: expected a record of text and numbers, got number.'],
  ])('refuses %s', (_name, elements, message) => expect(readDatasetTable(dataset(() => elements))).rejects.toThrow(message));
});
