import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ContinualResults) : undefined; // written by us
}

/** Adds a run, in place of one of the same method and seed: written aside and renamed, so that an interruption leaves a whole file. */
export function addRun(path: string, title: string, run: ContinualRun): void {
  const others = (readContinualResults(path)?.runs ?? []).filter((other) => !isSame(other, run));
  const runs = [...others, run].sort((one, other) => compare(`${one.method}/${one.seed}`, `${other.method}/${other.seed}`));
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify({ title, runs }, roundFloats, 1).replace(/\[\n[-\d.e+,\s]+\]/g, (list) => list.replace(/\s+/g, ''));
  writeFileSync(`${path}.part`, `${text}\n`);
  renameSync(`${path}.part`, path);
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

/** Six figures: what float32 arithmetic can stand for. */
function roundFloats(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
