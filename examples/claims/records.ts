import type { LearnerFacts } from 'hypermeta';
import { readJson, writeJson } from '../json-file';
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
  return readJson<{ readonly runs: readonly Record[] }>(path)?.runs ?? [];
}

export function writeRecords(path: string, runs: readonly unknown[]): void {
  writeJson(path, { runs });
}

/** Whether what is at hand would be written as what was read. */
export function isSame(made: unknown, read: unknown): boolean {
  return JSON.stringify(made) === JSON.stringify(read);
}
