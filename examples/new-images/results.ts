import type { Mean } from 'hypermeta';
import { readJson, writeJson } from '../json-file';
import { keptRuns, otherSettings } from '../kept-runs';

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

/** Of a part's file. */
export interface Recorder {
  has(model: string, seed: string): boolean;
  /** Writes the file. */
  record(run: Omit<ImageRun, 'settings'>): void;
}

export interface RecorderOptions extends Pick<PartOptions<unknown>, 'seeds' | 'resume'> {
  /** Of each model that is trained, or compared with. */
  readonly settings: Readonly<Record<string, unknown>>;
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

/** Goes on from what stays in the file. @throws RangeError with `resume` for runs of other settings */
export function recorder(path: string, title: string, { settings, seeds, resume }: RecorderOptions): Recorder {
  const isKnown = ({ model }: ImageRun) => settings[model] !== undefined;
  let runs = keptRuns(path, readRuns(path), {
    resume,
    isAsked: (run) => isKnown(run) && seeds.includes(run.seed),
    nameOf: ({ model, seed }) => `${model}, seed ${seed}`,
    otherOf: (run) => (isKnown(run) ? otherSettings(run.settings, settings[run.model]) : ''),
  });
  const isOf = (run: ImageRun, model: string, seed: string) => run.model === model && run.seed === seed;
  return {
    has: (model, seed) => runs.some((run) => isOf(run, model, seed)),
    record(run) {
      runs = [...runs.filter((other) => !isOf(other, run.model, run.seed)), { ...run, settings: settings[run.model] }];
      writeJson(path, { title, runs });
    },
  };
}
