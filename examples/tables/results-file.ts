import type { ComparedRun } from 'hypermeta';
import { readJson, writeJson } from '../json-file';

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
  return readJson<ResultFile>(path);
}

export function writeResults(path: string, results: ResultFile): void {
  writeJson(path, results);
}
