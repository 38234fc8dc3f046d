import { DataError } from '../core/errors';
import { readFileBytes } from '../core/read-file-node';
import { parseCsv, parseJsonLines, type CsvOptions, type Table } from './table';

/** The rows of a CSV file in UTF-8; see `parseCsv`. @throws DataError */
export function readCsv(path: string, options: Omit<CsvOptions, 'where'> = {}): Table {
  return parseCsv(readText(path), { ...options, where: path });
}

/** The rows of a file of JSON lines in UTF-8; see `parseJsonLines`. @throws DataError */
export function readJsonLines(path: string): Table {
  return parseJsonLines(readText(path), { where: path });
}

/** Text is one string, which can be no longer. */
const maxBytes = 500_000_000;

function readText(path: string): string {
  const { statSync } = process.getBuiltinModule('node:fs');
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) throw new DataError(`${path}: expected at most ${maxBytes} bytes, got ${size}.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileBytes(path));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${path}: expected text in UTF-8, got other bytes.`, { cause });
  }
}
