import { DataError, expectCount } from '../core/errors';
import { createRng } from '../core/rng';
import { sizeOf, type Shape } from '../core/shape';
import type { ExampleArrays, TaskSource } from '../core/task';
import { alphabetsOf } from './background-sets';
import { drawDistinct } from './draw-episode';
import { countExamples, groupClasses, type LabelledClass, type LabelledSet } from './labelled-set';
import { classification } from './objectives';

/** One one-shot classification: the drawings of `training` are the classes, each of `test` is of one of them. */
export interface OmniglotRun {
  /** `run01` */
  readonly name: string;
  /** One drawing a class, as levels: ink 255, paper 0. */
  readonly training: readonly Uint8Array[];
  readonly test: readonly Uint8Array[];
  /** For each of `test`, the position of its class in `training`. */
  readonly labels: readonly number[];
  /** Where it is known. */
  readonly alphabet?: string;
}

/** Runs of one form: each of as many classes, one drawing of each to be told. */
export interface OmniglotRuns {
  /** `[size, size, 1]` */
  readonly inputShape: Shape;
  readonly runs: readonly OmniglotRun[];
}

export interface OmniglotRunsOptions {
  /** @default 20 */
  readonly runs?: number;
  /** Characters of a run; alphabets of fewer are left out. @default 20 */
  readonly ways?: number;
  /** Another seed, other runs. @default 'runs' */
  readonly seed?: string;
  /** Alphabets that a learner has learned from: their runs would say nothing, so that they are refused. @default none */
  readonly trainedOn?: readonly string[];
}

/**
 * Runs of the Omniglot challenge's form out of a set of alphabets, such as `readOmniglot` gives: `ways` characters of one
 * alphabet, all training drawings by one person, all test drawings by another. The alphabets take turns, in a chance order.
 *
 * Source: Lake, Salakhutdinov, Tenenbaum, "The Omniglot challenge: a 3-year progress report", 2019 (arXiv 1902.03477),
 * section 3.
 *
 * @throws DataError for an alphabet that was trained on, for none of enough characters, or fewer than 2 drawings of one
 */
export function omniglotRuns(set: LabelledSet, options: OmniglotRunsOptions = {}): OmniglotRuns {
  const { runs: count = 20, ways = 20, seed = 'runs', trainedOn = [] } = options;
  expectCount('omniglotRuns: runs', count);
  expectCount('omniglotRuns: ways', ways, 2);
  expectUnseen('omniglotRuns', alphabetsOf(set), trainedOn);
  const large = groupClasses('omniglotRuns', set.classes).filter((characters) => characters.length >= ways);
  if (large.length === 0) throw new DataError(`omniglotRuns: expected an alphabet of at least ${ways} characters, got none.`);
  const inTurn = createRng(seed).shuffle(large);
  const runs = Array.from({ length: count }, (_, index) =>
    drawRun(set, inTurn[index % inTurn.length]!, { ways, name: `run${String(index + 1).padStart(2, '0')}`, seed }),
  );
  return { inputShape: set.inputShape, runs };
}

/** @throws DataError naming the first alphabet that is among those trained on */
export function expectUnseen(where: string, alphabets: readonly string[], trainedOn: readonly string[]): void {
  const seen = alphabets.find((alphabet) => trainedOn.includes(alphabet));
  if (seen !== undefined) throw new DataError(`${where}: expected alphabets that were not trained on, got ${seen}.`);
}

/**
 * Runs as episodes: episode `index` is run `index % runs.length`, whatever the seed. Named in `about.run`.
 *
 * @throws DataError for no runs, or runs of different numbers of classes or test drawings
 */
export function runEpisodes({ inputShape, runs }: OmniglotRuns): TaskSource {
  if (runs.length === 0) throw new DataError('runEpisodes: expected at least 1 run, got none.');
  const { training, test } = runs[0]!;
  const other = runs.find((run) => run.training.length !== training.length || run.test.length !== test.length);
  if (other)
    throw new DataError(
      `runEpisodes: expected ${training.length} training and ${test.length} test drawings in ${other.name}, ` +
        `as in ${runs[0]!.name}, got ${other.training.length} and ${other.test.length}.`,
    );
  const ways = training.length;
  const size = sizeOf(inputShape);
  const read = (drawings: readonly Uint8Array[], labels: readonly number[]): ExampleArrays => {
    const x = new Float32Array(drawings.length * size);
    const y = new Float32Array(drawings.length * ways);
    drawings.forEach((levels, example) => {
      for (let i = 0; i < size; i++) x[example * size + i] = levels[i]! / 255;
      y[example * ways + labels[example]!] = 1;
    });
    return { x, y, count: drawings.length };
  };
  return {
    inputShape,
    targetShape: [ways],
    objective: classification,
    sample(_seed, index) {
      const run = runs[index % runs.length]!;
      const support = read(run.training, run.training.map((__, label) => label));
      return { support, query: read(run.test, run.labels), about: { run: run.name } };
    },
  };
}

function drawRun(
  set: LabelledSet,
  characters: readonly LabelledClass[],
  { ways, name, seed }: { readonly ways: number; readonly name: string; readonly seed: string },
): OmniglotRun {
  const rng = createRng(`${seed}/${name}`);
  const classes = drawDistinct(rng, characters.length, ways).map((index) => characters[index]!);
  const drawers = Math.min(...classes.map((character) => countExamples(set, character)));
  if (drawers < 2) throw new DataError(`omniglotRuns: expected drawings by at least 2 people of '${classes[0]!.name}', got ${drawers}.`);
  const [one, other] = drawDistinct(rng, drawers, 2) as [number, number];
  const labels = drawDistinct(rng, ways, ways);
  return {
    name,
    training: classes.map((character) => drawingOf(set, character, one)),
    test: labels.map((label) => drawingOf(set, classes[label]!, other)),
    labels,
    alphabet: classes[0]!.group!,
  };
}

/** As levels. */
function drawingOf({ inputShape }: LabelledSet, { examples }: LabelledClass, index: number): Uint8Array {
  const size = sizeOf(inputShape);
  const drawing = examples.subarray(index * size, (index + 1) * size);
  return drawing instanceof Uint8Array ? drawing : Uint8Array.from(drawing, (share) => Math.round(share * 255));
}
