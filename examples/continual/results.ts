import { readJson, writeJson } from '../json-file';
import { otherSettings, sameRuns } from '../kept-runs';
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

/** A method, and the settings that it is run with now. */
export type AskedMethod = Pick<ContinualRun, 'method' | 'settings'>;

/** Before work: runs of these methods with other settings are refused with `resume`; else it is said that they are dropped. */
export function checkRuns(path: string, asked: readonly AskedMethod[], resume: boolean): void {
  sameRuns(path, readContinualResults(path)?.runs ?? [], { resume, nameOf: ({ method, seed }) => `${method}, seed ${seed}`, otherOf: (run) => otherThan(asked, run) });
}

/** Adds a run, in place of one of the same method and seed, and of those of the method with other settings: they would be averaged. */
export function addRun(path: string, title: string, run: ContinualRun): void {
  const others = (readContinualResults(path)?.runs ?? []).filter((other) => !isSame(other, run) && otherThan([run], other) === '');
  const runs = [...others, run].sort((one, other) => compare(`${one.method}/${one.seed}`, `${other.method}/${other.seed}`));
  writeJson(path, { title, runs });
}

/** Whether the file has the run already. */
export function hasRun(path: string, wanted: Pick<ContinualRun, 'method' | 'seed'>): boolean {
  return readContinualResults(path)?.runs.some((run) => isSame(run, wanted)) ?? false;
}

function otherThan(asked: readonly AskedMethod[], { method, settings }: AskedMethod): string {
  const own = asked.find((each) => each.method === method);
  return own ? otherSettings(settings, own.settings) : '';
}

function isSame(one: Pick<ContinualRun, 'method' | 'seed'>, other: Pick<ContinualRun, 'method' | 'seed'>): boolean {
  return one.method === other.method && one.seed === other.seed;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
