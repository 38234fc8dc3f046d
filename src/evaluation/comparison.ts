import { meanInterval, pairedDifference, type IntervalOptions, type Mean } from './interval';
import type { LearnerFacts } from './learner-facts';

/** One learner meta-trained from one seed and scored on episodes that all runs share. */
export interface ComparedRun {
  /** Of the entry. */
  readonly name: string;
  /** Of its meta-training. */
  readonly seed: string;
  /** `accuracy` in [0, 1], `mse`, … */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** Inner steps before scoring. */
  readonly steps: number;
  /** The metric, one value per episode, in the order of the stream. */
  readonly values: readonly number[];
  /** Of meta-training, validation included. */
  readonly seconds: number;
  readonly facts: LearnerFacts;
}

/** A mean with its 95 % interval, and what the interval is over. */
export interface ComparedMean {
  readonly mean: number;
  readonly interval: number;
  /** `'seeds'`, wherever there are several: another meta-training may fall that far. `'episodes'`: other tasks may. */
  readonly over: 'episodes' | 'seeds';
  /** Over episodes, each averaged over seeds: 1.96 · standard deviation / √n. */
  readonly overEpisodes: Mean;
  /** Over the seeds' means, by Student's t; absent for one seed. */
  readonly overSeeds?: Mean;
}

/** How one entry did. */
export interface ComparedEntry extends ComparedMean {
  readonly name: string;
  readonly steps: number;
  /** Of the first seed; the time is the median over seeds. */
  readonly facts: LearnerFacts;
  /** Of meta-training, mean over seeds. */
  readonly seconds: number;
}

/** Metric of one entry less that of another, episode by episode and seed by seed. */
export interface ComparedPair extends ComparedMean {
  readonly name: string;
  readonly less: string;
}

export interface Comparison {
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly seeds: readonly string[];
  readonly episodes: number;
  /** In the order in which they were given. */
  readonly entries: readonly ComparedEntry[];
  /** Every pair, in both directions. */
  readonly differences: readonly ComparedPair[];
}

/**
 * What runs on the same episodes say: means and paired differences, with intervals.
 *
 * @throws RangeError unless all runs have the same metric, episodes and seeds
 */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const first = runs[0];
  if (!first) throw new RangeError('compareRuns: expected at least 1 run, got 0.');
  const names = [...new Set(runs.map(({ name }) => name))];
  const entries = names.map((name) => runs.filter((run) => run.name === name));
  const seeds = entries[0]!.map(({ seed }) => seed);
  for (const run of runs) expectAlike(run, first);
  for (const own of entries) expectSeeds(own, seeds);
  return {
    metric: first.metric,
    better: first.better,
    seeds,
    episodes: first.values.length,
    entries: entries.map((own) => ({
      name: own[0]!.name,
      steps: own[0]!.steps,
      ...summarizeValues(own.map(({ values }) => values)),
      facts: { ...own[0]!.facts, adaptMs: median(own.map(({ facts }) => facts.adaptMs)) },
      seconds: meanInterval(own.map(({ seconds }) => seconds)).mean,
    })),
    differences: entries.flatMap((ours) => entries.filter((theirs) => theirs !== ours).map((theirs) => differenceOf(ours, theirs))),
  };
}

function differenceOf(ours: readonly ComparedRun[], theirs: readonly ComparedRun[]): ComparedPair {
  const lists = (runs: readonly ComparedRun[]) => runs.map(({ values }) => values);
  return { name: ours[0]!.name, less: theirs[0]!.name, ...summarizeValues(lists(ours), lists(theirs)) };
}

/** `ours`, or `ours − theirs`: a list of values for each seed. */
function summarizeValues(ours: readonly (readonly number[])[], theirs?: readonly (readonly number[])[]): ComparedMean {
  const spread = (one: readonly number[], other: readonly number[] | undefined, options: IntervalOptions) =>
    other ? pairedDifference(one, other, options) : meanInterval(one, options);
  const overEpisodes = spread(episodeMeans(ours), theirs && episodeMeans(theirs), {});
  if (ours.length === 1) return { mean: overEpisodes.mean, interval: overEpisodes.interval, over: 'episodes', overEpisodes };
  const overSeeds = spread(seedMeans(ours), theirs && seedMeans(theirs), { quantile: 'student' });
  return { mean: overSeeds.mean, interval: overSeeds.interval, over: 'seeds', overEpisodes, overSeeds };
}

function seedMeans(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.map((values) => meanInterval(values).mean);
}

/** Each episode's mean over seeds. */
function episodeMeans(lists: readonly (readonly number[])[]): readonly number[] {
  return lists[0]!.map((_, episode) => meanInterval(lists.map((values) => values[episode]!)).mean);
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!; // there is one at least
}

function expectAlike(run: ComparedRun, { metric, values }: ComparedRun): void {
  if (run.metric === metric && run.values.length === values.length) return;
  const [wanted, found] = [`${metric} on ${values.length} episodes`, `${run.metric} on ${run.values.length}`];
  throw new RangeError(`compareRuns: ${run.name}, seed ${run.seed}: expected ${wanted}, as the first run has, got ${found}.`);
}

function expectSeeds(runs: readonly ComparedRun[], seeds: readonly string[]): void {
  const own = runs.map(({ seed }) => seed);
  if (own.join('\n') !== seeds.join('\n') || new Set(own).size !== own.length)
    throw new RangeError(`compareRuns: ${runs[0]!.name}: expected one run for each of the seeds ${seeds.join(', ')} in this order, got ${own.join(', ')}.`);
}
