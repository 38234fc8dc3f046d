import { readJson, writeJson } from '../json-file';
import { keptRuns, otherSettings } from '../kept-runs';
import type { Choice, Trial } from './methods';
import type { Mean } from 'hypermeta';
import type { BloodSettings, DetectionSettings } from './settings';
import type { TrainingSeconds } from './train-models';

/** Episodes of one size and number of annotated boxes. */
export interface SceneScore {
  /** Height and width of the scenes in pixels. */
  readonly size: number;
  readonly shots: number;
  readonly choice: Choice;
  /** AP50 of each episode, the same episodes for all methods; null where its queries show nothing to find. */
  readonly values: readonly (number | null)[];
}

/** One method from one seed. */
export interface SceneRun {
  readonly method: string;
  readonly seed: string;
  /** At the first seed; others take what was chosen there. */
  readonly tuning: readonly { readonly shots: number; readonly trials: readonly Trial[] }[];
  readonly scores: readonly SceneScore[];
  /** Milliseconds of processor time: to adapt to 5 boxes, and to find boxes on a scene of 64 × 64. */
  readonly adaptMs: number;
  readonly imageMs: number;
  readonly env: Readonly<Record<string, string | number>>;
}

/** `results/detection/scenes.json`. */
export interface SceneResults {
  readonly settings: DetectionSettings;
  /** Values of the detector, and of all that is meta-trained for the generated head. */
  readonly parameters: { readonly detector: number; readonly generated: number };
  readonly trainingSeconds: TrainingSeconds;
  readonly runs: readonly SceneRun[];
}

/** Undefined if there is none. */
export function readSceneResults(path: string): SceneResults | undefined {
  return readJson<SceneResults>(path);
}

/** What stays of a file. */
export type KeptScenes = Pick<SceneResults, 'runs'> & Partial<Pick<SceneResults, 'trainingSeconds'>>;

/** Beside the methods that are asked for, from these seeds. @throws RangeError with `resume` for a file of other settings */
export function keptScenes(path: string, settings: DetectionSettings, { seeds, methods, resume }: { readonly seeds: readonly string[]; readonly methods: readonly string[]; readonly resume: boolean }): KeptScenes {
  const old = readSceneResults(path);
  const other = old ? otherSettings(old.settings, settings) : '';
  const runs = keptRuns(path, old?.runs ?? [], {
    resume,
    isAsked: ({ method, seed }) => methods.includes(method) && seeds.includes(seed),
    nameOf: ({ method, seed }) => `${method}, seed ${seed}`,
    otherOf: () => other,
  });
  return { runs, ...(old && other === '' ? { trainingSeconds: old.trainingSeconds } : {}) };
}

export function writeSceneResults(path: string, results: SceneResults): void {
  writeJson(path, results);
}

/** Each in turn is the class that nothing was learned about; red cells are known always. */
export const novelCells: readonly string[] = ['WBC', 'Platelets'];

/** One class that nothing was learned about, from one seed. */
export interface BloodRun {
  readonly novel: string;
  readonly seed: string;
  /** The generated head first. */
  readonly methods: readonly {
    readonly name: string;
    /** Of its training. */
    readonly seconds: number;
    readonly choice: Choice;
    /** Processor time. */
    readonly adaptMs: number;
    /** AP50 of each draw of annotated boxes, the same draws for both. */
    readonly values: readonly number[];
  }[];
  /** Of the first method to the second, over draws. */
  readonly difference: Mean;
  /** The same over test images drawn again. */
  readonly overImages: Mean;
  readonly env: Readonly<Record<string, string | number>>;
}

/** `results/detection/blood-cells.json`. */
export interface BloodResults {
  readonly settings: BloodSettings;
  readonly runs: readonly BloodRun[];
}

/** Undefined if there is none. */
export function readBloodResults(path: string): BloodResults | undefined {
  return readJson<BloodResults>(path);
}

/** The runs that stay beside those of these seeds. @throws RangeError with `resume` for a file of other settings */
export function keptBlood(path: string, settings: BloodSettings, { seeds, resume }: { readonly seeds: readonly string[]; readonly resume: boolean }): readonly BloodRun[] {
  const old = readBloodResults(path);
  return keptRuns(path, old?.runs ?? [], {
    resume,
    isAsked: ({ novel, seed }) => novelCells.includes(novel) && seeds.includes(seed),
    nameOf: ({ novel, seed }) => `${novel}, seed ${seed}`,
    otherOf: () => otherSettings(ofBlood(old!.settings), ofBlood(settings)), // there is a file, since there is a run
  });
}

/** Without those of the test on scenes, which a run on blood cells does not depend on. */
function ofBlood({ testEpisodes: _testEpisodes, testScenes: _testScenes, sizes: _sizes, shots: _shots, tunedShots: _tunedShots, jointScenes: _jointScenes, ...own }: BloodSettings) {
  return own;
}

export function writeBloodResults(path: string, results: BloodResults): void {
  writeJson(path, results);
}
