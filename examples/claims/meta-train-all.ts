import { join } from 'node:path';
import { describeSettings, metaTrain, type RunSize } from './meta-train';
import type { Domain, Method } from './method';
import { isSame, readRecords, writeRecords, type LearnerRun } from './records';

export interface RunOptions {
  /** `results/claims`. */
  readonly folder: string;
  readonly seeds: readonly string[];
  readonly size: RunSize;
  /** Keeps the finished runs of the file that have the same settings, and all that is not asked for. */
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
 * Meta-trains every method that is not finished and writes `learners.json` after each. Settings are chosen at the first seed and
 * with all classes; other seeds, and fewer classes, take them over.
 */
export async function metaTrainAll(domains: readonly Domain[], options: RunOptions & Sizes): Promise<readonly LearnerRun[]> {
  const { folder, size, resume, isAsked } = options;
  const path = join(folder, 'learners.json');
  const places = domains.flatMap((domain) => placesOf(domain, options));
  const runs = resume ? [...keptRuns(readRecords<LearnerRun>(path), domains, options)] : [];
  const first = (place: Place) => runs.find((run) => nameOf(run) === nameOf({ domain: place.domain.name, method: place.method.name, seed: '1' }));
  for (const place of places) {
    const { domain, method, seed, classes } = place;
    const some = classes === undefined ? {} : { classes };
    const name = nameOf({ domain: domain.name, method: method.name, seed, ...some });
    if (!isAsked(name) || runs.some((run) => nameOf(run) === name)) continue;
    const chosen = seed === '1' && classes === undefined ? undefined : (first(place)?.settings['about'] as string | undefined);
    const run = await metaTrain(place, size, chosen);
    runs.push(run);
    writeRecords(path, runs);
    console.log(`${name}: ${run.metric} ${run.scores['unseen']!.find(({ steps }) => steps === run.steps)!.mean.toFixed(4)} after ${run.steps} steps, ${run.seconds.toFixed(0)} s`);
  }
  return runs;
}

/** Without the runs of methods that are asked for with settings that none of their trials has. */
export function keptRuns(runs: readonly LearnerRun[], domains: readonly Domain[], { size, isAsked }: Pick<RunOptions, 'size' | 'isAsked'>): readonly LearnerRun[] {
  const trialsOf = (run: LearnerRun) => domains.find(({ name }) => name === run.domain)?.methods.find(({ name }) => name === run.method)?.trials;
  return runs.filter((run) => !isAsked(nameOf(run)) || (trialsOf(run)?.some((trial) => isSame(describeSettings(trial, size), run.settings)) ?? true));
}

/** First what decides settings, so that each has its result early. */
function placesOf(domain: Domain, { seeds, sizes }: RunOptions & Sizes): readonly Place[] {
  const { methods, name } = domain;
  const all = (seed: string) => methods.map((method) => ({ domain, method, seed }));
  if (name === 'waves') return seeds.flatMap(all);
  const learning = methods.filter(({ trials }) => trials.some(({ steps, pretraining }) => steps > 0 || pretraining));
  return [...all('1'), ...sizes.flatMap((classes) => learning.map((method) => ({ domain, method, seed: '1', classes })))];
}

function nameOf({ domain, method, seed, classes }: Pick<LearnerRun, 'domain' | 'method' | 'seed'> & { readonly classes?: number }): string {
  return `${domain}, ${method}${classes === undefined ? '' : `, ${classes} classes`}, seed ${seed}`;
}
