import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ComparedRun } from 'hypermeta';

/** One table of a protocol, as it was run. */
export interface ResultGroup {
  readonly name: string;
  readonly transductive: boolean;
  readonly entries: readonly { readonly name: string; readonly about?: string; readonly like?: string; readonly picture?: string }[];
}

/** One entry meta-trained from one seed, with all that it depends on. */
export interface ResultRun extends ComparedRun {
  readonly group: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Commit, machine, versions and date. */
  readonly env: Readonly<Record<string, string | number>>;
}

/** `results/NAME.json`. */
export interface ResultFile {
  readonly table: string;
  readonly title: string;
  readonly about: string;
  readonly groups: readonly ResultGroup[];
  /** In the order of groups, entries and seeds, whichever was finished first. */
  readonly runs: readonly ResultRun[];
  /** Runs that ended in an error: NaN, most of the time. */
  readonly failures: readonly { readonly group: string; readonly name: string; readonly seed: string; readonly error: string }[];
}

/** A name as a part of a file's. */
export const fileName = (name: string) => name.replace(/[^\w]+/g, '-');

/** Undefined if there is none. */
export function readResults(path: string): ResultFile | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ResultFile) : undefined; // written by us
}

export function writeResults(path: string, results: ResultFile): void {
  writeJson(path, results);
}

/** Written aside and renamed, so that an interruption leaves the file before or the file after. */
export function writeJson(path: string, results: object): void {
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify(results, roundFloats, 1).replace(/\[\n[-\d.e+,\s]+\]/g, (list) => list.replace(/\s+/g, ''));
  writeFileSync(`${path}.part`, `${text}\n`);
  renameSync(`${path}.part`, path);
}

/** Six figures: what float32 arithmetic can stand for. */
function roundFloats(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
