import { asRead } from './json-file';

/** What every study does with recorded runs, for its --help: `keptRuns` does it. */
export const keptRule = `  A recorded run that was not asked for is never dropped without a word. What is asked for is made anew, or with --resume only
  where it is not recorded yet; all else stays. Recorded runs that may not stand beside what is asked for, since their
  settings are others, are named as they are dropped, or the command refuses before it begins.`;

/** Runs that were recorded, and what becomes of those with other settings than are asked for. */
export interface RecordedRuns<Run> {
  /** Keeps those that are asked for too. */
  readonly resume: boolean;
  /** @default 'refuse' with `resume`, 'drop' without */
  readonly others?: 'refuse' | 'drop';
  nameOf(run: Run): string;
  /** What of its settings is not as asked for, in words: see `otherSettings`. Empty where it may stay. */
  otherOf(run: Run): string;
}

/**
 * The recorded runs that stay: those that are not asked for, and with `resume` all.
 *
 * @throws RangeError with `resume` for runs of other settings, before any work
 */
export function keptRuns<Run>(path: string, runs: readonly Run[], recorded: RecordedRuns<Run> & { isAsked(run: Run): boolean }): readonly Run[] {
  const same = sameRuns(path, runs, recorded);
  return recorded.resume ? same : same.filter((run) => !recorded.isAsked(run));
}

/** The runs whose settings are as asked for; of others it is said that they are dropped. @throws RangeError where they are refused */
export function sameRuns<Run>(path: string, runs: readonly Run[], { resume, others = resume ? 'refuse' : 'drop', nameOf, otherOf }: RecordedRuns<Run>): readonly Run[] {
  const found = runs.map((run) => ({ run, name: nameOf(run), other: otherOf(run) }));
  const different = found.filter(({ other }) => other !== '');
  if (different.length === 0) return runs;
  const kinds = [...new Set(different.map(({ other }) => other))];
  const list = kinds.map((kind) => `${different.filter(({ other }) => other === kind).map(({ name }) => name).join('; ')} (${kind})`).join('; ');
  if (others === 'refuse')
    throw new RangeError(`${path}: --resume: expected runs with the settings asked for, got ${list}; give the same settings, another --out, or leave --resume out to begin anew.`);
  console.log(`${path}: recorded runs of other settings are dropped, ${different.length} of ${runs.length}: ${list}.`);
  return found.filter(({ other }) => other === '').map(({ run }) => run);
}

/** The recorded settings that are not those asked for, as 'seconds 90, not 30'; empty where all are the same. */
export function otherSettings(recorded: unknown, asked: unknown): string {
  const [before, now] = [recorded, asked].map((settings) => new Map(valuesOf(asRead(settings)))) as [Map<string, string>, Map<string, string>];
  const names = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));
  const shown = names.slice(0, 3).map((name) => `${name} ${before.get(name) ?? 'absent'}, not ${now.get(name) ?? 'absent'}`);
  return [...shown, ...(names.length > 3 ? [`and ${names.length - 3} more`] : [])].join(', ');
}

/** Each value as JSON, named by its way, as 'model.beta'; a list is a value. */
function valuesOf(settings: unknown, way = ''): readonly (readonly [string, string])[] {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) return [[way, JSON.stringify(settings)]];
  return Object.entries(settings).flatMap(([name, value]) => valuesOf(value, way === '' ? name : `${way}.${name}`));
}
