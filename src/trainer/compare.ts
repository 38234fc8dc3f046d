import { DivergenceError, expectCount, ShapeError } from '../core/errors';
import type { Learner } from '../core/learner';
import { splitsOf } from '../core/splits-of';
import type { TaskSource, TaskSplits } from '../core/task';
import { compareRuns, type ComparedRun, type Comparison } from '../evaluation/comparison';
import { learnerFacts } from '../evaluation/learner-facts';
import { absolute } from '../io/checkpoint-folder-node';
import { expectFit } from './expect-fit';
import { metaTrainer } from './meta-trainer';
import type { MetaTrainerOptions } from './options';
import { expectTrainOptions, type TrainEvent, type TrainOptions } from './train';
import type { MetaTrainer } from './trainer';

/** One learner, and how it is meta-trained and tested. */
export interface CompareEntry {
  readonly name: string;
  /** A learner, or what makes one afresh for each seed. */
  readonly learner: Learner | (() => Learner);
  /** The seed is that of the comparison. */
  readonly options?: Omit<MetaTrainerOptions, 'seed'>;
  readonly train: TrainOptions;
  /** Inner steps before scoring. @default as many as in training */
  readonly testSteps?: number;
}

export interface CompareOptions {
  /** Each is one meta-training of every entry, on the same stream of episodes. @default ['0'] */
  readonly seeds?: readonly string[];
  /** Unseen episodes to score, the same for every entry and seed. @default 600 */
  readonly episodes?: number;
  /** Which episodes. @default 'evaluation' */
  readonly evaluationSeed?: string;
  /**
   * What every trained learner is scored on, by name: more ways, other alphabets. Each gives a run of its own, and a comparison.
   * @default the tasks' own test split, without a name
   */
  readonly tests?: Readonly<Record<string, TaskSource>>;
  /** Sees each trained learner after it was scored, and is waited for: to save it, or draw what it does. The trainer ends after it. */
  readonly trained?: (trainer: MetaTrainer, run: { readonly name: string; readonly seed: string }) => void | Promise<void>;
}

/** An outer step, a finished run, and at the end what all of them say; the last two for each of the tests, by its name. */
export type CompareEvent =
  | ({ readonly kind: 'step'; readonly name: string; readonly seed: string } & TrainEvent)
  | { readonly kind: 'run'; readonly test?: string; readonly run: ComparedRun }
  | { readonly kind: 'comparison'; readonly test?: string; readonly comparison: Comparison };

/**
 * Meta-trains every entry from every seed and scores all on the same unseen episodes, so that their differences are
 * paired. Progress belongs to the caller; the last event is the comparison (of each of the tests), for `formatComparison`
 * and `comparisonPicture`. All options, entries and tests are checked before the first training.
 *
 * @example
 * const base = mlp([1, 40, 40, 1]);
 * const how = { options: { innerSteps: 1, metaBatchSize: 25 }, train: { steps: 2000 } };
 * const entries = [
 *   { name: 'MAML', learner: maml(base), ...how },
 *   { name: 'CAVIA', learner: cavia(mlp([1 + 5, 40, 40, 1]), { contextSize: 5 }), ...how },
 * ];
 * for await (const event of compare(entries, sinusoids({ shots: 10 }), { seeds: ['1', '2', '3'] })) {
 *   if (event.kind === 'comparison') console.log(formatComparison(event.comparison));
 * }
 *
 * @throws RangeError for no entries, two of one name, no tests, or an option out of range; ShapeError for a learner that does not
 * fit the tasks or a test; DivergenceError naming the entry
 */
export async function* compare(
  entries: readonly CompareEntry[],
  tasks: TaskSource | TaskSplits,
  options: CompareOptions = {},
): AsyncGenerator<CompareEvent, void> {
  const { seeds = ['0'], episodes = 600 } = options;
  expectCount('compare: number of entries', entries.length);
  expectCount('compare: number of seeds', seeds.length);
  expectDifferent('entries of different names', entries.map(({ name }) => name));
  expectDifferent('different seeds', seeds);
  expectCount('compare: episodes', episodes);
  const tests: readonly Test[] = options.tests ? Object.entries(options.tests) : [[undefined, splitsOf(tasks).test]];
  expectCount('compare: number of tests', tests.length);
  for (const entry of entries) await expectEntry(entry, tasks, tests);
  expectDifferent('a folder for each training that saves', entries.flatMap(({ train: { save } }) => (save ? seeds.map(() => absolute(save.dir)) : [])));
  const runs: Tested[] = [];
  for (const seed of seeds)
    for (const entry of entries) {
      const tested = yield* runEntry(entry, tasks, tests, seed, { ...options, episodes });
      runs.push(...tested);
      for (const { test, run } of tested) yield { kind: 'run', ...named(test), run };
    }
  for (const [test] of tests) {
    const own = runs.filter((each) => each.test === test);
    yield { kind: 'comparison', ...named(test), comparison: compareRuns(own.map(({ run }) => run)) };
  }
}

type Test = readonly [name: string | undefined, source: TaskSource];

interface Tested {
  readonly test: string | undefined;
  readonly run: ComparedRun;
}

/** @throws what meta-training or scoring it would throw for its options or the tests, naming the entry */
async function expectEntry({ name, learner: given, options, train, testSteps = 0 }: CompareEntry, tasks: TaskSource | TaskSplits, tests: readonly Test[]): Promise<void> {
  try {
    expectTrainOptions(train, splitsOf(tasks).validation);
    expectCount('testSteps', testSteps, 0);
    const trainer = await metaTrainer(typeof given === 'function' ? given() : given, tasks, options); // checks them
    trainer.dispose();
    for (const [test, source] of tests) expectFit(trainer.learner, source, test === undefined ? 'test' : `tests: ${test}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const Kind = error instanceof ShapeError ? ShapeError : RangeError;
    throw new Kind(`compare: ${name}: ${error.message}`, { cause: error });
  }
}

const named = (test: string | undefined) => (test === undefined ? {} : { test });

async function* runEntry(
  { name, learner: given, options = {}, train, testSteps }: CompareEntry,
  tasks: TaskSource | TaskSplits,
  tests: readonly Test[],
  seed: string,
  { episodes, evaluationSeed = 'evaluation', trained }: CompareOptions & { readonly episodes: number },
): AsyncGenerator<CompareEvent, readonly Tested[]> {
  const learner = typeof given === 'function' ? given() : given;
  const trainer = await metaTrainer(learner, tasks, { ...options, seed });
  const { inner, runtime } = trainer.settings;
  try {
    let waited = 0; // for the caller, between two events
    const began = performance.now();
    for await (const event of trainer.train(train)) {
      const handed = performance.now();
      yield { kind: 'step', name, seed, ...event };
      waited += performance.now() - handed;
    }
    const seconds = (performance.now() - began - waited) / 1000;
    const tested: Tested[] = [];
    for (const [test, source] of tests) {
      const steps = testSteps ?? inner.steps;
      const { metric, better, scores } = await trainer.evaluate({ source, episodes, steps: [steps], seed: evaluationSeed });
      const facts = await learnerFacts(learner, trainer.meta, source, { ...inner, steps }, runtime ? { runtime } : {});
      tested.push({ test, run: { name, seed, metric, better, steps, values: scores[0]!.values, seconds, facts } });
    }
    await trained?.(trainer, { name, seed });
    return tested;
  } catch (error) {
    if (error instanceof DivergenceError) throw new DivergenceError(`compare: ${name}, seed ${seed}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    trainer.dispose();
  }
}

function expectDifferent(what: string, values: readonly string[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new RangeError(`compare: expected ${what}, got '${twice}' twice.`);
}
