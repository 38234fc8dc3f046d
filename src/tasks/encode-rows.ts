import { DataError, shown } from '../core/errors';
import { isNumber, isNumberWithComma, type Table, type TableRow } from './table';

/** Rows as numbers: each column of numbers less its mean, by its deviation; each column of text one-hot. */
export interface RowEncoder {
  /** Of an encoded row: a column name, or `COLUMN=CATEGORY`. */
  readonly names: readonly string[];
  /** `[names]`. @throws DataError for a missing column, text for a number, an unknown category */
  encode(row: TableRow, where: string): Float32Array;
}

/** A column of numbers, and what it is standardized by. */
export interface NumberColumn {
  readonly name: string;
  readonly mean: number;
  /** 1 for a constant column. */
  readonly deviation: number;
}

interface TextColumn {
  readonly name: string;
  readonly categories: readonly string[];
  readonly categoryOf: (cell: string | number) => string;
}

/** @param text columns of categories, those of all rows; @param fitted the rows that means and deviations of the others are taken from */
export function rowEncoder(table: Table, columns: readonly string[], text: readonly string[], fitted: readonly TableRow[]): RowEncoder {
  const parts = columns.map((name): NumberColumn | TextColumn => {
    return text.includes(name) ? textColumn(table, name) : numberColumn(name, fitted);
  });
  const names = parts.flatMap((part) => ('categories' in part ? part.categories.map((category) => `${part.name}=${category}`) : [part.name]));
  return {
    names,
    encode(row, where) {
      const values = new Float32Array(names.length);
      let at = 0;
      for (const part of parts) {
        const cell = cellOf(row, part.name, where);
        if ('categories' in part) {
          values[at + positionOf(part, cell, where)] = 1;
          at += part.categories.length;
        } else values[at++] = standardize(part, cell, where);
      }
      return values;
    },
  };
}

/** Whether a column is one of categories, not of numbers. @throws DataError for one that has both, or numbers with commas in them */
export function isText({ rows, text = [] }: Table, name: string, categorical: readonly string[]): boolean {
  if (categorical.includes(name) || text.includes(name)) return true;
  const cells = rows.map((row) => row[name]!);
  const hasNumbers = cells.some((cell) => typeof cell === 'number');
  const other = cells.findIndex((cell) => (hasNumbers ? typeof cell === 'string' : !isNumber(String(cell))));
  if (other < 0) return !hasNumbers; // text that could be numbers: JSON says which of them it is
  if (!hasNumbers && !cells.some((cell) => isNumber(String(cell)) || isNumberWithComma(String(cell)))) return true;
  throw new DataError(`tableTasks: '${shown(name)}': expected numbers such as 1234.5 in every row, got '${shown(cells[other])}' in row ${other + 1}; mend the cell or leave the row out, or name the column in categorical, if its cells are names.`);
}

/** The categories of a column in order. Where the table has numbers, text that is read later is one of them by its value: 01001 is 1001. */
export function textColumn({ rows }: Table, name: string): TextColumn {
  const isOfNumbers = rows.every((row) => typeof row[name] === 'number');
  const categoryOf = (cell: string | number) => String(isOfNumbers && isNumber(String(cell)) ? Number(cell) : cell);
  return { name, categories: [...new Set(rows.map((row) => categoryOf(row[name]!)))].sort(), categoryOf };
}

export function numberColumn(name: string, rows: readonly TableRow[]): NumberColumn {
  const numbers = rows.map((row) => Number(row[name]));
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  if (!Number.isFinite(variance)) throw new DataError(`tableTasks: '${shown(name)}': expected numbers whose squares are finite, got larger ones.`);
  const isConstant = variance === 0 || numbers.every((value) => value === numbers[0]); // whose mean may be off by a rounding
  return isConstant ? { name, mean: numbers[0]!, deviation: 1 } : { name, mean, deviation: Math.sqrt(variance) };
}

export function standardize({ name, mean, deviation }: NumberColumn, given: string | number, where: string): number {
  const cell = typeof given === 'string' && isNumber(given) ? Number(given) : given; // a file with a gap in the column is read as text
  if (typeof cell !== 'number' || !Number.isFinite(cell)) throw new DataError(`${where}: '${shown(name)}': expected a number, got '${shown(cell)}'.`);
  const standard = (cell - mean) / deviation;
  if (!Number.isFinite(Math.fround(standard))) throw new DataError(`${where}: '${shown(name)}': expected a number near those of meta-training, got ${cell}.`);
  return standard;
}

/** @throws DataError for a column that the row lacks */
export function cellOf(row: TableRow, name: string, where: string): string | number {
  const cell = Object.hasOwn(row, name) ? row[name] : undefined;
  if (cell === undefined) throw new DataError(`${where}: expected a column '${shown(name)}', got ${shown(Object.keys(row).join(', ') || 'none')}.`);
  return cell;
}

function positionOf({ name, categories, categoryOf }: TextColumn, cell: string | number, where: string): number {
  const category = categoryOf(cell);
  const position = categories.indexOf(category);
  if (position < 0) throw new DataError(`${where}: '${shown(name)}': expected one of ${shown(categories.join(', '))}, got '${shown(category)}'.`);
  return position;
}
