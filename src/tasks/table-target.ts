import type { TaskSource } from '../core/task';
import { cellOf, numberColumn, standardize, textColumn } from './encode-rows';
import { classification, regression } from './objectives';
import type { Table, TableRow } from './table';

/** What the rows of a table are to be mapped to. */
export interface TableTarget {
  readonly objective: TaskSource['objective'];
  /** Number of outputs. */
  readonly size: number;
  readonly classes?: readonly string[];
  /** As a network learns it: one-hot, or standardized. */
  encode(row: TableRow, where: string): readonly number[];
  /** As `trainer.adapt` takes it: a label, or what `encode` gives. */
  show(row: TableRow, where: string): string | readonly number[];
  /** Predictions in the units of the table. */
  decode(predictions: readonly (readonly number[])[]): readonly (readonly number[])[];
}

export function classTarget(table: Table, column: string): TableTarget {
  const { categories: classes, categoryOf } = textColumn(table, column);
  const show = (row: TableRow, where: string) => categoryOf(cellOf(row, column, where));
  const encode = (row: TableRow, where: string) => classes.map((name) => Number(name === show(row, where)));
  return { objective: classification, size: classes.length, classes, encode, show, decode: (predictions) => predictions };
}

export function valueTarget(names: readonly string[], fitted: readonly TableRow[]): TableTarget {
  const columns = names.map((name) => numberColumn(name, fitted));
  const encode = (row: TableRow, where: string) => columns.map((column) => standardize(column, cellOf(row, column.name, where), where));
  const restore = (values: readonly number[]) => columns.map(({ mean, deviation }, index) => values[index]! * deviation + mean);
  return { objective: regression, size: names.length, encode, show: encode, decode: (predictions) => predictions.map((values) => restore(values)) };
}
