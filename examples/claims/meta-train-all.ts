import { join } from 'node:path';
import { keptRuns, otherSettings } from '../kept-runs';
import { describeSettings, metaTrain, type RunSize } from './meta-train';
import type { Domain, Method } from './method';
import { readRecords, writeRecords, type LearnerRun } from './records';

export interface RunOptions {
  /** `results/claims`. */
  readonly folder: string;
  readonly seeds: readonly string[];
  readonly size: RunSize;
  /** Keeps the finished runs of the file, too, that have the same settings. */
  readonly resume: boolean;
  /** Whether to run what has this name, as 'waves, MAML'. */
  readonly isAsked: (name: string) => boolean;
}

/** Fewer classes than there are, for learners that are meta-trained. */
export interface Sizes {
  readonly sizes: readonly number[];
}

interface Place {
  readonly domain: Domain;
  readonly method: Method;
  readonly seed: string;
  readonly classes?: number;
}

/**
 * Meta-trains every method that is not finished and writes `learners.json` after each. Settings are chosen at the first seed that
 * is run and with all classes; other seeds, and fewer classes, take them over.
 */
export async function metaTrainAll(domains: readonly Domain[], options: RunOptions & Sizes): Promise<readonly LearnerRun[]> {
  const { folder, size, isAsked } = options;
  const path = join(folder, 'learners.json');
  const runs = [...keptLearners(path, domains, options)];
  for (const place of domains.flatMap((domain) => placesOf(domain, options))) {
    const name = nameOfPlace(place);
    if (!isAsked(name) || runs.some((run) => nameOf(run) === name)) continue;
    const run = await metaTrain(place, size, chosenFor(place, runs));
    runs.push(run);
    writeRecords(path, runs);
    console.log(`${name}: ${run.metric} ${run.scores['unseen']!.find(({ steps }) => steps === run.steps)!.mean.toFixed(4)} after ${run.steps} steps, ${run.seconds.toFixed(0)} s`);
  }
  return runs;
}

/** What stays of the file: without the runs of methods that are asked for with settings that none of their trials has, which is said. */
export function keptLearners(path: string, domains: readonly Domain[], options: RunOptions & Sizes): readonly LearnerRun[] {
  const { size, resume, isAsked } = options;
  const asked = domains.flatMap((domain) => placesOf(domain, options)).filter((place) => isAsked(nameOfPlace(place)));
  const trialsOf = (run: LearnerRun) => asked.find(({ domain, method }) => domain.name === run.domain && method.name === run.method)?.method.trials;
  const isTried = (run: LearnerRun) => trialsOf(run)?.some((trial) => otherSettings(run.settings, describeSettings(trial, size)) === '') ?? true;
  return keptRuns<LearnerRun>(path, readRecords(path), {
    resume,
    others: 'drop',
    isAsked: (run) => asked.some((place) => nameOfPlace(place) === nameOf(run)),
    nameOf,
    otherOf: (run) => (isTried(run) ? '' : `'${String(run.settings['about'])}' is none of the settings that are tried now`),
  });
}

/** The settings that a run with all classes chose from several; none where there is none yet. */
function chosenFor({ domain, method }: Place, runs: readonly LearnerRun[]): string | undefined {
  const tuned = runs.find((run) => run.domain === domain.name && run.method === method.name && run.classes === undefined && run.tried.length > 1);
  return tuned?.settings['about'] as string | undefined; // of a trial
}

/** First what decides settings, so that each has its result early. */
function placesOf(domain: Domain, { seeds, sizes }: RunOptions & Sizes): readonly Place[] {
  const { methods, name } = domain;
  const all = (seed: string) => methods.map((method) => ({ domain, method, seed }));
  if (name === 'waves') return seeds.flatMap(all);
  const learning = methods.filter(({ trials }) => trials.some(({ steps, pretraining }) => steps > 0 || pretraining));
  return [...all('1'), ...sizes.flatMap((classes) => learning.map((method) => ({ domain, method, seed: '1', classes })))];
}

function nameOfPlace({ domain, method, ...place }: Place): string {
  return nameOf({ domain: domain.name, method: method.name, ...place });
}

function nameOf({ domain, method, seed, classes }: Pick<LearnerRun, 'domain' | 'method' | 'seed'> & { readonly classes?: number }): string {
  return `${domain}, ${method}${classes === undefined ? '' : `, ${classes} classes`}, seed ${seed}`;
}
