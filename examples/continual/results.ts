import { readJson, writeJson } from '../json-file';
import type { Measured } from './run-method';

/** One method on one benchmark from one seed, with all that it depends on. */
export interface ContinualRun extends Measured {
  readonly method: string;
  readonly about: string;
  readonly seed: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | number>>;
}

/** `results/continual/BENCHMARK.json`. */
export interface ContinualResults {
  readonly title: string;
  readonly runs: readonly ContinualRun[];
}

/** Undefined if there is none. */
export function readContinualResults(path: string): ContinualResults | undefined {
  return readJson<ContinualResults>(path);
}

/** Adds a run, in place of one of the same method and seed. */
export function addRun(path: string, title: string, run: ContinualRun): void {
  const others = (readContinualResults(path)?.runs ?? []).filter((other) => !isSame(other, run));
  const runs = [...others, run].sort((one, other) => compare(`${one.method}/${one.seed}`, `${other.method}/${other.seed}`));
  writeJson(path, { title, runs });
}

/** Whether the file has the run already, made with the same settings. */
export function hasRun(path: string, wanted: Pick<ContinualRun, 'method' | 'seed' | 'settings'>): boolean {
  const found = readContinualResults(path)?.runs.find((run) => isSame(run, wanted));
  return found !== undefined && JSON.stringify(found.settings) === JSON.stringify(wanted.settings);
}

function isSame(one: Pick<ContinualRun, 'method' | 'seed'>, other: Pick<ContinualRun, 'method' | 'seed'>): boolean {
  return one.method === other.method && one.seed === other.seed;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
