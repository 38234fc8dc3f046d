import { readJson, writeJson } from '../json-file';
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

/** What is in the file, if its settings are the same. */
export function keptResults(path: string, settings: DetectionSettings): SceneResults | undefined {
  const old = readSceneResults(path);
  return old && JSON.stringify(old.settings) === JSON.stringify(settings) ? old : undefined;
}

/** The runs in the file that stay: of the same settings, without the methods that are run anew from this seed. */
export function keptRuns(path: string, settings: DetectionSettings, anew: { readonly seed: string; readonly methods: readonly string[] }): readonly SceneRun[] {
  const runs = keptResults(path, settings)?.runs ?? [];
  return runs.filter(({ seed, method }) => seed !== anew.seed || !anew.methods.includes(method));
}

export function writeSceneResults(path: string, results: SceneResults): void {
  writeJson(path, results);
}

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

export function writeBloodResults(path: string, results: BloodResults): void {
  writeJson(path, results);
}
