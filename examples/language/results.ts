import { join } from 'node:path';
import { readJson } from '../json-file';
import { keptRuns, otherSettings } from '../kept-runs';
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

/** Which models are trained, from which seeds. */
export interface AskedModels {
  readonly models: readonly string[];
  readonly seeds: readonly string[];
  readonly resume: boolean;
}

/** What stays in the file beside what is asked for: rates go with runs that were trained with them. @throws RangeError with `resume` for a file of other settings */
export function keptResults(results: string, settings: LanguageResults['settings'], { models, seeds, resume }: AskedModels): LanguageResults {
  const before = readLanguageResults(results);
  const other = before ? otherSettings(before.settings, settings) : '';
  const runs = keptRuns(languagePath(results), before?.runs ?? [], {
    resume,
    isAsked: ({ model, seed }) => models.includes(model) && seeds.includes(seed),
    nameOf: ({ model, seed }) => `${model}, seed ${seed}`,
    otherOf: () => other,
  });
  if (!before || other !== '') return { settings, trials: [], runs };
  const { trials, changes } = before;
  const isKept = ({ model, seed }: Pick<LanguageRun, 'model' | 'seed'>) => runs.some((run) => run.model === model && run.seed === seed);
  return {
    settings,
    trials: trials.filter(({ model }) => resume || !models.includes(model) || runs.some((run) => run.model === model)),
    runs,
    ...(changes && isKept(changes) ? { changes } : {}),
  };
}

/** Undefined if there are none. */
export function readLanguageResults(results: string): LanguageResults | undefined {
  return readJson<LanguageResults>(languagePath(results));
}
