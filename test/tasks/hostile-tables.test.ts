import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskSource } from '../../src/core/task';
import { readDataset, readDatasetTable } from '../../src/tasks/dataset';
import { expectLabelledSet } from '../../src/tasks/labelled-set';
import { parseCsv, parseJsonLines, type Table } from '../../src/tasks/table';
import { tableTasks } from '../../src/tasks/table-tasks';
import { damagedJson, damagedText, expectReadOrRefused, jsonText, hostileRuns, hostileTimeout } from '../helpers/hostile';

const rows = Array.from({ length: 12 }, (_, row) => ({ shop: `s${row % 3}`, size: row - 2.5, side: row % 2 ? 'north, "up"' : 'south', price: row * 2 }));
const quote = (cell: string | number) => (typeof cell === 'string' && /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : String(cell));
const csv = ['shop,size,side,price', ...rows.map((row) => Object.values(row).map(quote).join(','))].join('\n');
const jsonLines = rows.map((row) => JSON.stringify(row)).join('\n');

/** Every row has every column; the tasks out of it, if it can be made into some, hold finite numbers alone. */
async function isTable(table: Table): Promise<void> {
  expect(new Set(table.columns).size).toBe(table.columns.length);
  for (const row of table.rows) {
    expect(Object.keys(row)).toHaveLength(table.columns.length);
    for (const name of table.columns) expect(typeof row[name] === 'string' || Number.isFinite(row[name]), name).toBe(true);
  }
  const make = () => tableTasks(table, { task: 'shop', target: 'price', shots: 1, queryShots: 1 });
  await expectReadOrRefused(make, ({ train, validation, test: tested }) => [train, validation, tested].forEach((tasks) => isFinite(tasks)));
}

function isFinite(tasks: TaskSource): void {
  const { support, query } = tasks.sample('seed', 0);
  for (const values of [support.x, support.y, query.x, query.y]) expect(values.every((value) => Number.isFinite(value))).toBe(true);
}

test.each<[string, string, (text: string) => Table]>([
  ['CSV', csv, (text) => parseCsv(text)],
  ['JSON lines', jsonLines, (text) => parseJsonLines(text)],
])('damaged %s are read or refused in a sentence', async (_format, text, parse) => {
  const expected = parse(text);
  await isTable(expected);
  for (const same of [`\uFEFF${text}`, text.replaceAll('\n', '\r\n'), `${text}\n\n`]) expect(parse(same)).toEqual(expected);
  await fc.assert(fc.asyncProperty(damagedText(text), async (broken) => {
    const tables: Table[] = [];
    await expectReadOrRefused(() => parse(broken), (table) => void tables.push(table));
    for (const table of tables) await isTable(table);
  }), hostileRuns);
}, hostileTimeout);

test('damaged objects of JSON lines are read or refused in a sentence', () =>
  fc.assert(fc.asyncProperty(damagedJson(rows), async (broken) => {
    const lines = (Array.isArray(broken) ? broken : [broken]).map((row) => jsonText(row)).join('\n');
    const tables: Table[] = [];
    await expectReadOrRefused(() => parseJsonLines(lines), (table) => void tables.push(table));
    for (const table of tables) await isTable(table);
  }), hostileRuns), hostileTimeout);

test.each<[string, readonly unknown[], (dataset: tf.data.Dataset<tf.TensorContainer>) => Promise<unknown>]>([
  ['of { xs, ys }', Array.from({ length: 4 }, (_, index) => ({ xs: [[index, 1], [2, 3]], ys: index % 2 })), async (dataset) => expectLabelledSet('read', await readDataset(dataset))],
  ['of rows', rows, async (dataset) => isTable(await readDatasetTable(dataset))],
])('damaged data sets %s are read or refused in a sentence', (_what, elements, read) =>
  fc.assert(fc.asyncProperty(damagedJson(elements), async (broken) => {
    const list = (Array.isArray(broken) ? broken : [broken]) as tf.TensorContainer[];
    await expectReadOrRefused(() => read(plainDataset(list)));
  }), hostileRuns), hostileTimeout);

/** A data set as the readers see it: tf.data's own refuses some elements before they come to be read. */
function plainDataset(elements: readonly tf.TensorContainer[]): tf.data.Dataset<tf.TensorContainer> {
  return { forEachAsync: async (see: (element: tf.TensorContainer) => void) => elements.forEach((element) => see(element)) } as unknown as tf.data.Dataset<tf.TensorContainer>; // all that is used of it
}
