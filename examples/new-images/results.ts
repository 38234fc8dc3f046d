import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Mean } from 'hypermeta';

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
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { runs: readonly ImageRun[] }).runs : []; // written by us
}

/** Writes the file after every run: aside and renamed, so that an interruption leaves the file before or the file after. */
export function recorder(path: string, title: string, resume: boolean) {
  let runs = resume ? readRuns(path) : [];
  const isOf = (run: ImageRun, model: string, seed: string) => run.model === model && run.seed === seed;
  return {
    has: (model: string, seed: string, settings: unknown): boolean =>
      runs.some((run) => isOf(run, model, seed) && JSON.stringify(run.settings) === JSON.stringify(settings)),
    record(run: ImageRun): void {
      runs = [...runs.filter((other) => !isOf(other, run.model, run.seed)), run];
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.part`, `${JSON.stringify({ title, runs }, roundFloats, 1)}\n`);
      renameSync(`${path}.part`, path);
    },
  };
}

/** Six figures: what float32 arithmetic can stand for. */
function roundFloats(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
