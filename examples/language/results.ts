import { join } from 'node:path';
import { readJson } from '../json-file';
import type { CurvePoint } from './train-model';

/** One training, scored once on the test text. */
export interface LanguageRun {
  readonly model: string;
  readonly seed: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly rate: number;
  readonly units: number;
  readonly parameters: number;
  /** Bits per character. */
  readonly test: number;
  /** Of the validation that was best. */
  readonly validation: number;
  /** Of training steps alone. */
  readonly seconds: number;
  readonly curve: readonly CurvePoint[];
  /** What it writes by itself, from the start of a line on. */
  readonly sample: string;
  readonly env: Readonly<Record<string, string | number>>;
}

/** A short training with each of the rates. */
export interface LanguageTrial {
  readonly model: string;
  readonly rate: number;
  readonly validation: number;
}

/** How the recurrent weights of a HyperLSTM change along a text. */
export interface LanguageChanges {
  readonly model: string;
  readonly seed: string;
  readonly text: string;
  /** `[character][gate]`, gates i, f, c, o. */
  readonly changes: readonly (readonly number[])[];
}

/** `results/language/language.json`. */
export interface LanguageResults {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly trials: readonly LanguageTrial[];
  readonly runs: readonly LanguageRun[];
  readonly changes?: LanguageChanges;
}

export function languagePath(results: string): string {
  return join(results, 'language', 'language.json');
}

/** Undefined if there are none. */
export function readLanguageResults(results: string): LanguageResults | undefined {
  return readJson<LanguageResults>(languagePath(results));
}
