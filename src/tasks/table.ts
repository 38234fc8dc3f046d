import Papa from 'papaparse';
import { DataError, shown } from '../core/errors';
import { isRecord } from '../core/is-record';

/** One row: text and numbers by column. */
export type TableRow = Readonly<Record<string, string | number>>;

/** Rows with the same columns, as CSV and JSON lines give them. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** Columns that were named as text. @default none: what a column is of is told by its cells */
  readonly text?: readonly string[];
}

export interface CsvOptions {
  /** Between two cells. @default found out: comma, semicolon, tab or bar */
  readonly delimiter?: string;
  /** Columns that stay text, were all their cells numbers: post codes, which may start with 0. Those of another file may not be there. @default none */
  readonly text?: readonly string[];
  /** Names the file in errors. @default 'parseCsv' */
  readonly where?: string;
}

/**
 * The rows of CSV text, RFC 4180, whose first line names the columns; empty lines are left out. A column is of numbers where
 * all its cells are numbers such as -1234.5 or 1e-3; whole ones of 2 ** 53 or more, which are names, stay text: a file that goes with another, such as new rows of a table, takes the `text` of its `tableTasks`.
 *
 * @example
 * parseCsv('city,rooms\nRome,3\nOslo,2').rows[0] // { city: 'Rome', rooms: 3 }
 *
 * @throws DataError naming the line for a row of another length, an open quote, a column without a name or named twice
 */
export function parseCsv(text: string, { delimiter = '', text: texts = [], where = 'parseCsv' }: CsvOptions = {}): Table {
  const { data: found, errors } = Papa.parse<readonly string[]>(text, { delimiter });
  const data = found.map((cells) => [...cells.slice(0, -1), cells.at(-1)!.replace(/\r$/, '')]); // of a line that ends otherwise than the first
  const [wrong] = errors.filter(({ type }) => type === 'Quotes'); // a delimiter that cannot be found out is none: one column
  if (wrong) throw new DataError(`${where}: line ${lineOf(data, wrong.row ?? 0)}: expected CSV, got ${wrong.message}.`);
  const [header, ...lines] = data.filter((cells) => cells.join('').trim() !== '');
  if (!header) throw new DataError(`${where}: expected a first line with the names of the columns, got no text.`);
  const columns = header.map((name) => name.trim());
  expectNames(columns, where);
  if (lines.length === 0) throw new DataError(`${where}: expected rows below the names of the columns, got none; a file is read by readCsv.`);
  const short = lines.find((cells) => cells.length !== columns.length);
  if (short)
    throw new DataError(`${where}: line ${lineOf(data, data.indexOf(short))}: expected ${columns.length} cells, as the first line has, got ${short.length}.`);
  const isNumeric = columns.map((name, column) => !texts.includes(name) && lines.every((cells) => isNumber(cells[column]!)));
  const rows = lines.map((cells) => Object.fromEntries(columns.map((name, column) => [name, isNumeric[column] ? Number(cells[column]) : cells[column]!])));
  return { columns, rows, ...(texts.length > 0 ? { text: texts } : {}) };
}

/** Where a row of CSV begins: cells in quotes may hold several lines. */
function lineOf(data: readonly (readonly string[])[], row: number): number {
  return data.slice(0, row).reduce((line, cells) => line + 1 + (cells.join('').match(/\r\n|\r|\n/g)?.length ?? 0), 1);
}

/**
 * The rows of JSON lines: an object a line, with the same names in each; `true` and `false` are 1 and 0.
 *
 * @example
 * parseJsonLines('{"city": "Rome", "rooms": 3}').columns // ['city', 'rooms']
 *
 * @throws DataError naming the line that is no such object
 */
export function parseJsonLines(text: string, { where = 'parseJsonLines' }: Pick<CsvOptions, 'where'> = {}): Table {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).map((line, index) => ({ line, place: `${where}: line ${index + 1}` }));
  const rows = lines.filter(({ line }) => line.trim() !== '').map(({ line, place }) => readObject(line, place));
  const [first] = rows;
  if (!first) throw new DataError(`${where}: expected an object a line, got no text.`);
  const columns = Object.keys(first.row);
  expectNames(columns, where);
  for (const { row, place } of rows) {
    const names = Object.keys(row);
    if (names.length !== columns.length || !columns.every((name) => Object.hasOwn(row, name)))
      throw new DataError(`${place}: expected the names ${shown(columns.join(', '))}, as the first line has, got ${shown(names.join(', ') || 'none')}.`);
  }
  return { columns, rows: rows.map(({ row }) => row) };
}

function readObject(line: string, place: string): { readonly row: TableRow; readonly place: string } {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch (cause) {
    throw new DataError(`${place}: expected JSON, got '${shown(line)}'.`, { cause });
  }
  if (!isRecord(found)) throw new DataError(`${place}: expected an object, got '${shown(line)}'.`);
  const cells = Object.entries(found).map(([name, value]): [string, string | number] => {
    if (typeof value === 'boolean') return [name, Number(value)];
    if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return [name, value];
    throw new DataError(`${place}: '${shown(name)}': expected text or a number, got ${shown(value)}.`);
  });
  return { row: Object.fromEntries(cells), place };
}

/** @throws DataError for no columns, one without a name, or two of one name */
export function expectNames(columns: readonly string[], where: string): void {
  const names = new Set(columns);
  if (columns.length === 0 || names.size < columns.length || names.has('') || names.has('__proto__'))
    throw new DataError(`${where}: expected a name of its own for every column, got ${shown(columns.map((name) => `'${name}'`).join(', ') || 'none')}.`);
}

/** Whether a cell of text holds a decimal number that is one of its own as a float: 2 ** 53 + 1 is not, and 0x10 is a name. */
export function isNumber(cell: string): boolean {
  const [digits, value] = [cell.trim(), Number(cell)];
  return /^[-+.\de]+$/i.test(digits) && Number.isFinite(value) && (Number.isSafeInteger(value) || !/^[-+]?\d+$/.test(digits));
}

/** 1,5 or 1.234,5 or 1,234.5 */
const withComma = /^[-+]?(\d+,\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(,\d{3})+(\.\d+)?)$/;

/** Whether a cell of text holds a number that is written with a comma, for decimals or between thousands. */
export function isNumberWithComma(cell: string): boolean {
  return withComma.test(cell.trim());
}
