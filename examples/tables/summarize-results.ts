import { compareRuns, type Comparison } from 'hypermeta';
import type { ResultFile, ResultGroup, ResultRun } from './results-file';

export interface GroupSummary {
  readonly comparison: Comparison;
  readonly runs: readonly ResultRun[];
  /** Names of the entries that have no run, or not from every seed that the others have. */
  readonly unfinished: readonly string[];
}

/** What the finished runs of a group say, on the seeds that all of its entries have; on the first one, if there are none. */
export function summarizeGroup({ runs, failures }: ResultFile, { name, entries }: ResultGroup): GroupSummary | undefined {
  const own = runs.filter(({ group }) => group === name);
  const failed = failures.filter(({ group }) => group === name).map((failure) => failure.name);
  const expected = entries.map((entry) => entry.name).filter((entry) => !failed.includes(entry));
  const seeds = [...new Set(own.map(({ seed }) => seed))];
  const has = (entry: string, seed: string) => own.some((run) => run.name === entry && run.seed === seed);
  const shared = seeds.filter((seed) => expected.every((entry) => has(entry, seed)));
  const compared = shared.length > 0 ? shared : seeds.slice(0, 1);
  const finished = entries.map((entry) => entry.name).filter((entry) => compared.length > 0 && compared.every((seed) => has(entry, seed)));
  if (finished.length === 0) return undefined;
  const used = finished.flatMap((entry) => compared.map((seed) => own.find((run) => run.name === entry && run.seed === seed)!));
  const unfinished = entries.map((entry) => entry.name).filter((entry) => !finished.includes(entry));
  return { comparison: compareRuns(used), runs: used, unfinished };
}
