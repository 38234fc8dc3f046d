import { keptRuns, otherSettings } from '../kept-runs';
import { describeSettings } from './describe-settings';
import { tablesOf, type Entry, type Group, type Protocol } from './protocol';
import { fileName, readResults, type ResultFile, type ResultGroup, type ResultRun } from './results-file';
import type { RunOptions } from './run-protocol';

/**
 * What a file begins with: the tables at hand, and of the file before all that is not made anew, tables whose data are not there
 * included. A learner that is asked for with other settings loses its runs of all seeds, which is said: they would be averaged.
 */
export function keptResults({ name: table, title, about }: Protocol, groups: readonly Group[], { seeds, path, resume = false, only = () => true }: RunOptions): ResultFile {
  const before = readResults(path);
  const tables = groups.flatMap((group) => tablesOf(group).map((own) => ({ own, of: group.name })));
  const askedFor = (group: string, name: string) => {
    const found = tables.find(({ own }) => own.name === group);
    const entry = found?.own.entries.find((each) => each.name === name);
    return found && entry && only(found.of, name) ? { group: found.own, entry } : undefined;
  };
  const isAsked = ({ group, name, seed }: Pick<ResultRun, 'group' | 'name' | 'seed'>) => seeds.includes(seed) && askedFor(group, name) !== undefined;
  const runs = keptRuns<ResultRun>(path, before?.runs ?? [], {
    resume,
    others: 'drop',
    isAsked,
    nameOf: ({ group, name, seed }) => `${group}, ${name}, seed ${seed}`,
    otherOf: ({ group, name, settings }) => {
      const asked = askedFor(group, name);
      return asked ? otherSettings(settings, describeSettings(asked.group, asked.entry)) : '';
    },
  });
  const failures = (before?.failures ?? []).filter((failure) => !isAsked(failure));
  const listed = tables.map(({ own: { name, transductive, entries } }) => ({ name, transductive, entries: entries.map((entry) => listEntry(table, entry)) }));
  const isKept = (group: string, name: string) => [...runs, ...failures].some((each) => each.group === group && each.name === name);
  return { table, title, about, groups: addKept(listed, before?.groups ?? [], isKept), runs, failures };
}

/** A run more, in place of the same one, in the order of groups, entries and seeds. */
export function withRun(file: ResultFile, run: ResultRun): ResultFile {
  const runs = [...file.runs.filter(({ group, name, seed }) => group !== run.group || name !== run.name || seed !== run.seed), run];
  const runsOf = (group: string, name: string) => runs.filter((each) => each.group === group && each.name === name);
  const inOrder = file.groups.flatMap((group) => group.entries.flatMap(({ name }) => runsOf(group.name, name).sort((one, other) => Number(one.seed) - Number(other.seed))));
  return { ...file, runs: inOrder };
}

/** The groups and entries of before that are not listed, but have something that stays. */
function addKept(listed: readonly ResultGroup[], before: readonly ResultGroup[], isKept: (group: string, name: string) => boolean): readonly ResultGroup[] {
  const kept = before.map((group) => ({ ...group, entries: group.entries.filter(({ name }) => isKept(group.name, name)) }));
  const moreOf = ({ name, entries }: ResultGroup) =>
    (kept.find((group) => group.name === name)?.entries ?? []).filter((old) => !entries.some((entry) => entry.name === old.name));
  const others = kept.filter(({ name, entries }) => entries.length > 0 && !listed.some((group) => group.name === name));
  return [...listed.map((group) => ({ ...group, entries: [...group.entries, ...moreOf(group)] })), ...others];
}

function listEntry(table: string, entry: Entry): ResultGroup['entries'][number] {
  const { name, about, like, picture } = entry;
  return { name, ...(about ? { about } : {}), ...(like ? { like } : {}), ...(picture ? { picture: pictureName(table, entry) } : {}) };
}

/** Of a file, without its ending. */
export function pictureName(table: string, { name }: Entry): string {
  return `${table}-${fileName(name)}`;
}
