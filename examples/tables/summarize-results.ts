import { compareRuns, type ComparedEntry, type ComparedPair, type Comparison } from 'hypermeta';
import type { ResultFile, ResultGroup, ResultRun } from './results-file';

/** An entry on all seeds that it has. */
export interface EntrySummary extends ComparedEntry {
  readonly seeds: readonly string[];
}

export interface GroupSummary extends Pick<Comparison, 'metric' | 'better'> {
  /** Numbers of unseen episodes: several, where some entries were run with another one. */
  readonly episodes: readonly number[];
  /** Those that have a run. */
  readonly entries: readonly EntrySummary[];
  /** The best less the next, on the seeds that both have; absent where they have other episodes. */
  readonly lead?: ComparedPair;
  readonly runs: readonly ResultRun[];
  /** Names of the entries that have no run. */
  readonly unfinished: readonly string[];
}

/** What the finished runs of a group say; undefined if there are none. */
export function summarizeGroup({ runs: all }: ResultFile, group: ResultGroup): GroupSummary | undefined {
  const runs = all.filter((run) => run.group === group.name);
  const [first] = runs;
  if (!first) return undefined;
  const runsOf = (name: string) => runs.filter((run) => run.name === name);
  const entries = group.entries.flatMap(({ name }) => (runsOf(name).length > 0 ? [summarizeEntry(runsOf(name))] : []));
  const sign = first.better === 'higher' ? -1 : 1;
  const [best, next] = [...entries].sort((one, other) => sign * (one.mean - other.mean));
  const lead = best && next && leadOf(runsOf(best.name), runsOf(next.name));
  return {
    metric: first.metric,
    better: first.better,
    episodes: [...new Set(runs.map(({ values }) => values.length))],
    entries,
    ...(lead ? { lead } : {}),
    runs,
    unfinished: group.entries.flatMap(({ name }) => (runsOf(name).length > 0 ? [] : [name])),
  };
}

function summarizeEntry(runs: readonly ResultRun[]): EntrySummary {
  const { entries, seeds } = compareRuns(runs);
  return { ...entries[0]!, seeds }; // all runs are of one entry
}

function leadOf(best: readonly ResultRun[], next: readonly ResultRun[]): ComparedPair | undefined {
  const isShared = ({ seed }: ResultRun) => [best, next].every((runs) => runs.some((run) => run.seed === seed));
  const shared = [...best, ...next].filter(isShared);
  return shared.length > 0 && shared.every(({ values }) => values.length === shared[0]!.values.length) ? compareRuns(shared).differences[0] : undefined;
}
