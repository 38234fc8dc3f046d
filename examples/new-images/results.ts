import type { Mean } from 'hypermeta';
import { readJson, writeJson } from '../json-file';

/** How one of the two parts is run. */
export interface PartOptions<Settings> {
  readonly settings: Settings;
  /** A folder with a folder for each data set. */
  readonly data: string;
  readonly seeds: readonly string[];
  /** Of results and pictures. */
  readonly out: string;
  /** Of trained models: one that is there with the same settings is taken as it is. */
  readonly work: string;
  /** Keeps the runs that are there. */
  readonly resume: boolean;
}

/** One model, trained from one seed; or real images in its place. */
export interface ImageRun {
  readonly model: string;
  readonly seed: string;
  readonly parameters: number;
  readonly steps: number;
  /** Of training, that process alone. */
  readonly processorSeconds: number;
  readonly settings: unknown;
  /** What was measured, by its name. */
  readonly values: Readonly<Record<string, Mean>>;
  readonly env: Readonly<Record<string, string | number>>;
}

/** None where there is no file. */
export function readRuns(path: string): readonly ImageRun[] {
  return readJson<{ readonly runs: readonly ImageRun[] }>(path)?.runs ?? [];
}

/** Writes the file after every run. */
export function recorder(path: string, title: string, resume: boolean) {
  let runs = resume ? readRuns(path) : [];
  const isOf = (run: ImageRun, model: string, seed: string) => run.model === model && run.seed === seed;
  return {
    has: (model: string, seed: string, settings: unknown): boolean =>
      runs.some((run) => isOf(run, model, seed) && JSON.stringify(run.settings) === JSON.stringify(settings)),
    record(run: ImageRun): void {
      runs = [...runs.filter((other) => !isOf(other, run.model, run.seed)), run];
      writeJson(path, { title, runs });
    },
  };
}
