import { dirname, join } from 'node:path';
import { compare, DivergenceError, savePicture, type CompareEvent, type MetaTrainer, type TaskSource } from 'hypermeta';
import { environment } from '../environment';
import { describeSettings } from './describe-settings';
import { keptResults, pictureName, withRun } from './kept-results';
import { tablesOf, type Entry, type Group, type Protocol } from './protocol';
import { readResults, writeResults, type ResultFile } from './results-file';

export interface RunOptions {
  readonly seeds: readonly string[];
  /** Where `NAME.json` is. */
  readonly path: string;
  /** Keeps the finished runs of the file that were made with the same settings, and does not make them anew. @default all that is asked for is run */
  readonly resume?: boolean;
  /** Which entries to run, by the names of their table and their own; the others keep what they have. @default all */
  readonly only?: (group: string, entry: string) => boolean;
  /** Sees every event of every run and is waited for: progress. */
  readonly watch?: (event: CompareEvent, where: { readonly group: Group; readonly entry: Entry }) => void | Promise<void>;
}

/**
 * Runs what is not finished, seed by seed, so that every entry has a result early. The file is written after each run;
 * a run that diverges is recorded as such, and the others go on.
 */
export async function runProtocol(protocol: Protocol, groups: readonly Group[], options: RunOptions): Promise<ResultFile> {
  const { seeds, path, only = () => true, watch } = options;
  let results = keptResults(protocol, groups, options);
  const isFinished = (group: Group, entry: Entry, seed: string) =>
    tablesOf(group).every((table) => results.runs.some((run) => run.group === table.name && run.name === entry.name && run.seed === seed));
  const places = seeds.flatMap((seed) => groups.flatMap((group) => group.entries.map((entry) => ({ seed, group, entry }))));
  for (const { seed, group, entry } of places) {
    if (isFinished(group, entry, seed) || !only(group.name, entry.name)) continue;
    const draw = async (trainer: MetaTrainer) => {
      if (entry.picture && seed === seeds[0]) await savePicture(await entry.picture(trainer), join(dirname(path), pictureName(protocol.name, entry)));
    };
    try {
      for await (const event of compare([entry], group.tasks, { seeds: [seed], episodes: group.episodes, evaluationSeed, tests: testsOf(group), trained: draw })) {
        if (event.kind === 'run') {
          const scored = tablesOf(group).find(({ name }) => name === event.test)!; // the tests are named after the tables
          results = withRun(results, { group: scored.name, ...event.run, settings: describeSettings(scored, entry), env: environment() });
        }
        await watch?.(event, { group, entry });
      }
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      results = { ...results, failures: [...results.failures, { group: group.name, name: entry.name, seed, error: error.message }] };
    }
    writeResults(path, results);
  }
  writeResults(path, results);
  return readResults(path)!; // as it will be read again, rounded
}

/** A stream of unseen tasks that no rate was ever chosen on. */
const evaluationSeed = 'tables';

function testsOf({ name, tasks, others = [] }: Group): Readonly<Record<string, TaskSource>> {
  return Object.fromEntries([[name, 'train' in tasks ? tasks.test : tasks], ...others.map((other) => [other.name, other.test])]);
}
