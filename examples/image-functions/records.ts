import type { LearnerFacts } from 'hypermeta';
import { readJson } from '../json-file';
import { keptRuns, otherSettings } from '../kept-runs';
import type { Trial } from './meta-train';
import type { Choice } from './methods';

/** One method meta-trained from one seed on one data set. */
export interface MethodRun {
  readonly data: string;
  readonly name: string;
  readonly about: string;
  readonly seed: string;
  readonly innerSteps: number;
  readonly trials: readonly Trial[];
  readonly choice: Choice;
  /** The data set whose validation images it was chosen on, where that is another one. */
  readonly chosenOn?: string;
  /** Outer steps, and the processor time that they took. */
  readonly steps: number;
  readonly seconds: number;
  readonly facts: Pick<LearnerFacts, 'metaParameters' | 'adaptedValues'>;
  readonly env: Readonly<Record<string, string | number>>;
}

/** Errors of one method on unseen images, after all its inner steps. */
export interface CompletionRun extends MethodRun {
  readonly tests: readonly {
    readonly given: number;
    /** Mean squared error of every image, in the order of the stream. */
    readonly values: readonly number[];
    /** The first images as completed: bytes in base64. */
    readonly shown?: readonly string[];
  }[];
}

export interface CompletionFile {
  /** What does not depend on the method. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the mean image of the training set gives, and the images of the sheet. */
  readonly data: readonly CompletionData[];
  readonly runs: readonly CompletionRun[];
}

export interface CompletionData {
  readonly name: string;
  readonly side: number;
  readonly channels: number;
  readonly meanImage: readonly { readonly given: number; readonly values: readonly number[] }[];
  /** The first images of the test, and which pixels of them are given: bytes in base64, and places. */
  readonly truth: readonly string[];
  readonly places: readonly { readonly given: number; readonly images: readonly (readonly number[])[] }[];
}

/** PSNR of one method on crops of unseen photographs. */
export interface PhotographRun extends MethodRun {
  /** Of every crop after 0, 1, 2, 3 steps. */
  readonly tests: readonly { readonly steps: number; readonly values: readonly number[] }[];
  /** Of every test image at twice the resolution of what was given. */
  readonly doubled: readonly number[];
  /** The first image doubled, as bytes in base64. */
  readonly shown: string;
}

export interface PhotographFile {
  readonly settings: Readonly<Record<string, unknown>>;
  /** The photograph of every crop; bilinear interpolation at twice the resolution. */
  readonly photographs: readonly string[];
  readonly bilinear: { readonly doubled: readonly number[]; readonly shown: string };
  readonly truth: string;
  readonly given: string;
  readonly side: number;
  readonly runs: readonly PhotographRun[];
}

/** The runs that stay in the file beside those that are asked for. @throws RangeError with `resume` for a file of other settings */
export function keptMethods<Run extends MethodRun>(
  path: string,
  file: { readonly settings: CompletionFile['settings']; readonly runs: readonly Run[] } | undefined,
  settings: CompletionFile['settings'],
  asked: { readonly resume: boolean; isAsked(run: Run): boolean },
): readonly Run[] {
  return keptRuns<Run>(path, file?.runs ?? [], {
    ...asked,
    nameOf: ({ data, name, seed }) => `${data}, ${name}, seed ${seed}`,
    otherOf: () => otherSettings(file?.settings, settings), // there is a file, since there is a run
  });
}

/** Undefined if there is none. Rates are chosen once for all data sets: files before that was recorded, on the first run's. */
export function readCompletion(path: string): CompletionFile | undefined {
  const file = readJson<CompletionFile>(path);
  return file && { ...file, runs: file.runs.map((run) => withChoiceOf(run, file.runs.find(({ name }) => name === run.name)!)) }; // it is itself, or before it
}

/** Says where the rates of a run were chosen that it took over from another one, unless that is said. */
export function withChoiceOf(run: CompletionRun, { data, chosenOn = data }: CompletionRun): CompletionRun {
  return chosenOn === run.data ? run : { chosenOn, ...run };
}

/** What is known of each data set: of those at hand anew, of others as before. */
export function mergeData(before: readonly CompletionData[], data: readonly CompletionData[]): readonly CompletionData[] {
  const names = new Set([...before, ...data].map(({ name }) => name));
  return [...names].map((name) => [...data, ...before].find((each) => each.name === name)!); // it is of one of them
}

/** Values in [0, 1] as bytes in base64. */
export function packPixels(pixels: ArrayLike<number>): string {
  return Buffer.from(Uint8Array.from(pixels, (value) => Math.round(255 * Math.min(1, Math.max(0, value))))).toString('base64');
}

/** The other way. */
export function unpackPixels(text: string): Float32Array {
  return Float32Array.from(Buffer.from(text, 'base64'), (level) => level / 255);
}
