import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LearnerFacts } from 'hypermeta';
import type { Method } from './method';

/** A metric after a number of inner steps. */
export interface StepScore {
  readonly steps: number;
  readonly mean: number;
  /** Half of the 95 % interval over episodes. */
  readonly interval: number;
}

/** A setting that was tried. */
export interface TriedSetting {
  readonly about: string;
  /** Of the validation episodes, after the number of steps that is best there; absent where it diverged. */
  readonly validation?: StepScore;
  /** Processor time of its training. */
  readonly seconds: number;
}

/** One method meta-trained from one seed on so many classes, with all that it was scored on. */
export interface LearnerRun {
  readonly domain: string;
  readonly method: string;
  readonly kind: Method['kind'];
  readonly seed: string;
  /** Absent where all were there. */
  readonly classes?: number;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Processor time of meta-training, validation included. */
  readonly seconds: number;
  /** Inner steps at the test, chosen on validation episodes. */
  readonly steps: number;
  readonly tried: readonly TriedSetting[];
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly facts: Pick<LearnerFacts, 'metaParameters' | 'adaptedValues' | 'bytesPerTask'>;
  /** On each test, after each number of steps. */
  readonly scores: Readonly<Record<string, readonly StepScore[]>>;
  /** On unseen tasks after `steps`, one value an episode. */
  readonly values: readonly number[];
  readonly env: Readonly<Record<string, string | number>>;
}

/** What is in a file of records; none where there is no file. */
export function readRecords<Record>(path: string): readonly Record[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly runs: readonly Record[] }).runs : []; // written by us
}

/** Written aside and renamed, so that an interruption leaves the file before or the file after. */
export function writeRecords(path: string, runs: readonly unknown[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify({ runs }, roundFloats, 1).replace(/\[\n[-\d.e+,\s]+\]/g, (list) => list.replace(/\s+/g, ''));
  writeFileSync(`${path}.part`, `${text}\n`);
  renameSync(`${path}.part`, path);
}

/** Six figures: what float32 arithmetic can stand for. */
function roundFloats(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
