import type * as tf from '@tensorflow/tfjs';
import { DataError, shown } from '../core/errors';
import { isRecord } from '../core/is-record';
import { sameShape, formatShape, type Shape } from '../core/shape';
import { labelledSet, type LabelledSet } from './labelled-set';
import { toLabels, type Label } from './labels';
import { isTensor, isTypedArray, measureLists, readList, type NumberSource } from './read-arrays';
import { expectNames, type Table, type TableRow } from './table';

/**
 * The labelled examples of a `tf.data.Dataset` of `{ xs, ys }`, read once: xs a tensor or list of one shape, ys a label, or a
 * one-hot row. Bytes of images come as numbers: scale them in the data set, by `map`.
 *
 * @throws DataError naming the element that is something else, or of another shape; for a batched or empty data set
 */
export async function readDataset(dataset: tf.data.Dataset<tf.TensorContainer>): Promise<LabelledSet> {
  const xs: Float32Array[] = [];
  const ys: Label[] = [];
  let inputShape: Shape | undefined;
  await dataset.forEachAsync((element) => {
    const where = `readDataset: element ${xs.length + 1}`;
    const { xs: x, ys: y } = (isRecord(element) ? element : {}) as Readonly<Record<string, NumberSource | undefined>>; // checked as it is read
    if (x === undefined || y === undefined) throw new DataError(`${where}: expected { xs, ys }, got ${describe(element)}.`);
    inputShape ??= shapeOf(x);
    if (!sameShape(shapeOf(x), inputShape)) throw new DataError(`${where}: xs: expected shape ${formatShape(inputShape)}, as the first has, got ${formatShape(shapeOf(x))}.`);
    const values = isTensor(x) ? Float32Array.from(x.dataSync()) : readList(`${where}: xs`, [x], inputShape).values;
    xs.push(values);
    ys.push(readLabel(y, `${where}: ys`));
  });
  if (!inputShape) throw new DataError('readDataset: expected at least 1 element, got none.');
  return labelledSet({ x: xs, y: ys, inputShape });
}

function describe(element: unknown): string {
  return isRecord(element) ? `{ ${shown(Object.keys(element).join(', '))} }` : typeof element;
}

/** Of one example: a number is a list of one. */
function shapeOf(x: NumberSource): Shape {
  const shape = isTensor(x) ? x.shape : measureLists(x);
  return shape.length === 0 ? [1] : shape;
}

/** A label as it is, or the place of the 1 in a one-hot row. */
function readLabel(y: unknown, where: string): Label {
  if (typeof y === 'string' || typeof y === 'number') return toLabels(where, [y])[0]!;
  const values: readonly unknown[] = isTensor(y) ? [...y.dataSync()] : Array.isArray(y) || isTypedArray(y) ? Array.from(y) : [];
  if (isTensor(y) && y.rank === 0) return toLabels(where, y)[0]!;
  const isOneHot = values.every((value) => value === 0 || value === 1) && values.filter((value) => value === 1).length === 1;
  if (!isOneHot) throw new DataError(`${where}: expected a label, or a one-hot row with a single 1, got ${shown(isTensor(y) ? values : y)}.`);
  return values.indexOf(1);
}

/**
 * The rows of a `tf.data.Dataset` of `{ column: cell }`, as `tf.data.csv` gives them, read once; `{ xs, ys }` of such rows are
 * joined.
 *
 * @throws DataError naming the element that is something else, or has other columns; for an empty data set
 */
export async function readDatasetTable(dataset: tf.data.Dataset<tf.TensorContainer>): Promise<Table> {
  const rows: TableRow[] = [];
  await dataset.forEachAsync((element) => {
    const where = `readDatasetTable: element ${rows.length + 1}`;
    const cells = (isRecord(element) && isRecord(element['xs']) && isRecord(element['ys']) ? [element['xs'], element['ys']] : [element]).flatMap((part) => (isRecord(part) ? Object.entries(part) : []));
    const isRow = isRecord(element) && cells.every(([, cell]) => typeof cell === 'string' || Number.isFinite(cell));
    if (!isRow) throw new DataError(`${where}: expected a record of text and numbers, got ${describe(element)}.`);
    const names = cells.map(([name]) => name);
    if (rows.length === 0) expectNames(names, where);
    const columns = Object.keys(rows[0] ?? Object.fromEntries(cells));
    if (JSON.stringify(names) !== JSON.stringify(columns))
      throw new DataError(`${where}: expected the columns ${shown(columns.join(', '))}, as the first has, got ${shown(names.join(', ') || 'none')}.`);
    rows.push(Object.fromEntries(cells) as TableRow); // checked above
  });
  const [first] = rows;
  if (!first) throw new DataError('readDatasetTable: expected at least 1 element, got none.');
  return { columns: Object.keys(first), rows };
}
