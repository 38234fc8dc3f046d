import { dirname, join } from 'node:path';
import { compare, countParams, DivergenceError, savePicture, type CompareEvent, type MetaTrainer, type TaskSource } from 'hypermeta';
import { environment } from '../environment';
import type { Entry, Group, Protocol } from './protocol';
import { fileName, readResults, writeResults, type ResultFile, type ResultGroup, type ResultRun } from './results-file';

export interface RunOptions {
  readonly seeds: readonly string[];
  /** Where `NAME.json` is. */
  readonly path: string;
  /** Keeps the finished runs of the file that were made with the same settings, and all of what `only` leaves out. @default all are run */
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
  const { seeds, path, resume = false, only = () => true, watch } = options;
  const { name: table, title, about } = protocol;
  const tables = groups.flatMap(tablesOf);
  const listed = tables.map(({ name, transductive, entries }) => ({ name, transductive, entries: entries.map((entry) => listEntry(table, entry)) }));
  const before = resume ? readResults(path) : undefined;
  const old = before?.runs ?? [];
  const found = new Map<string, ResultRun>();
  const failures = (before?.failures ?? []).filter(({ group, name, seed }) => !seeds.includes(seed) || !only(group, name));
  const allSeeds = [...new Set([...seeds, ...old.map(({ seed }) => seed)])];
  const places = allSeeds.flatMap((seed) => groups.flatMap((group) => group.entries.map((entry) => ({ seed, group, entry }))));
  const inOrder = tables.flatMap((group) => group.entries.flatMap((entry) => allSeeds.map((seed) => keyOf(group.name, entry.name, seed))));
  const results = (): ResultFile => ({
    table,
    title,
    about,
    groups: listed,
    runs: inOrder.flatMap((key) => found.get(key) ?? []),
    failures,
  });
  for (const { seed, group, entry } of places)
    for (const each of tablesOf(group)) {
      const key = keyOf(each.name, entry.name, seed);
      const finished = old.find((run) => keyOf(run.group, run.name, run.seed) === key);
      const isKept = () => !only(group.name, entry.name) || JSON.stringify(finished?.settings) === JSON.stringify(describeSettings(each, entry));
      if (finished && isKept()) found.set(key, finished);
    }
  for (const { seed, group, entry } of places) {
    const own = tablesOf(group);
    const isFinished = own.every(({ name }) => found.has(keyOf(name, entry.name, seed)));
    if (isFinished || !seeds.includes(seed) || !only(group.name, entry.name)) continue;
    const draw = async (trainer: MetaTrainer) => {
      if (entry.picture && seed === seeds[0]) await savePicture(await entry.picture(trainer), join(dirname(path), pictureName(table, entry)));
    };
    try {
      for await (const event of compare([entry], group.tasks, { seeds: [seed], episodes: group.episodes, evaluationSeed, tests: testsOf(group), trained: draw })) {
        if (event.kind === 'run') {
          const scored = own.find(({ name }) => name === event.test)!; // the tests are named after the tables
          const result = { group: scored.name, ...event.run, settings: describeSettings(scored, entry), env: environment() };
          found.set(keyOf(scored.name, entry.name, seed), result);
        }
        await watch?.(event, { group, entry });
      }
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      failures.push({ group: group.name, name: entry.name, seed, error: error.message });
    }
    writeResults(path, results());
  }
  writeResults(path, results());
  return readResults(path)!; // as it will be read again, rounded
}

/** A stream of unseen tasks that no rate was ever chosen on. */
const evaluationSeed = 'tables';

const keyOf = (group: string, name: string, seed: string) => [group, name, seed].join('\n');

/** A group's own table and those of its other tests. */
function tablesOf(group: Group): readonly Group[] {
  return [group, ...(group.others ?? []).map(({ name, settings }) => ({ ...group, name, settings }))];
}

function testsOf({ name, tasks, others = [] }: Group): Readonly<Record<string, TaskSource>> {
  return Object.fromEntries([[name, 'train' in tasks ? tasks.test : tasks], ...others.map((other) => [other.name, other.test])]);
}

function listEntry(table: string, entry: Entry): ResultGroup['entries'][number] {
  const { name, about, like, picture } = entry;
  return { name, ...(about ? { about } : {}), ...(like ? { like } : {}), ...(picture ? { picture: pictureName(table, entry) } : {}) };
}

/** Of a file, without its ending. */
function pictureName(table: string, { name }: Entry): string {
  return `${table}-${fileName(name)}`;
}

/** All that a run depends on beside the code and the machine, as JSON. */
function describeSettings(group: Group, { learner: given, about, options = {}, train, testSteps }: Entry): Readonly<Record<string, unknown>> {
  const learner = typeof given === 'function' ? given() : given;
  const { outerLearningRate, ...rest } = options;
  const settings = {
    ...group.settings,
    episodes: group.episodes,
    learner: learner.name,
    metaParameters: countParams(learner.specs),
    ...(about ? { about } : {}),
    ...rest,
    ...(outerLearningRate === undefined ? {} : { outerLearningRate: describeRate(outerLearningRate, train.steps) }),
    ...(testSteps === undefined ? {} : { testSteps }),
    train,
  };
  return JSON.parse(JSON.stringify(settings, nameFunctions)) as Readonly<Record<string, unknown>>; // plain by then
}

/** A schedule at its start, middle and end. */
function describeRate(rate: number | ((step: number) => number), steps: number): number | readonly number[] {
  if (typeof rate === 'number') return rate;
  return [0, steps / 2, steps - 1].map((step) => Number(rate(Math.floor(step)).toPrecision(4)));
}

/** An optimizer is its name; another function, such as a meta-gradient, is said to be there. */
function nameFunctions(_key: string, value: unknown): unknown {
  if (typeof value === 'function') return 'given';
  return typeof value === 'object' && value !== null && 'updateInPlace' in value && 'name' in value ? value.name : value;
}
