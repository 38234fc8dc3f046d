import { DataError } from 'hypermeta';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path, { basename, dirname, extname, join, resolve, type PlatformPath } from 'node:path';
import { loadConfig, type LoadedConfig } from './load-config';
import { readJson } from './read-data';
import type { TaskNote } from './task-note';
import { UsageError } from './usage-error';
import { writeWhole } from './write-whole';

/**
 * What stands in a run's folder beside its checkpoints `step-…`: `run.json`, this; `config.json` (or `.ts` …), the config as it
 * was; `events.jsonl`; `evaluation.json`; the folder `tensorboard`, where it was asked for.
 */
export interface RunNote {
  readonly format: 'hypermeta run';
  readonly version: 1;
  /** The config's file, from the run's folder, with `/` on any system: relative paths of the data start beside it. */
  readonly config: string;
  /** Outer steps in all. */
  readonly steps: number;
  /** The step at which patience has ended the training, if it has. */
  readonly stoppedAt?: number;
  readonly tasks: TaskNote;
}

export interface Run {
  readonly dir: string;
  readonly note: RunNote;
  readonly loaded: LoadedConfig;
}

/** @throws DataError where there is no run, or a broken one; UsageError where the config of the run is not what it was */
export async function readRun(dir: string): Promise<Run> {
  const note = readNote(dir);
  if (!note) throw new DataError(`${dir}: expected a folder that hypermeta train made, got ${existsSync(dir) ? 'none of its files' : 'nothing there'}.`);
  const original = resolve(dir, note.config);
  const copy = copyOf(dir, original);
  if (extname(original).toLowerCase() === '.json') return { dir, note, loaded: await loadConfig(copy, dirname(original)) };
  const same = existsSync(original) && existsSync(copy) && readFileSync(original, 'utf8') === readFileSync(copy, 'utf8');
  if (!same)
    throw new UsageError(`${original}: expected the module that the run in ${dir} was started with, got ${existsSync(original) ? 'another' : 'nothing there'}; its text is in ${copy}.`);
  return { dir, note, loaded: await loadConfig(original) };
}

/**
 * Whether a folder may take a new run of a config.
 *
 * @throws UsageError where it has one, checkpoints of unknown origin, or files that the run would replace or add to; the config may
 * stand there already
 */
export function expectFree(dir: string, { file, text }: LoadedConfig): void {
  if (existsSync(dir) && !statSync(dir).isDirectory()) throw new UsageError(`--out: expected a folder, got the file ${dir}.`);
  const checkpoints = existsSync(dir) ? readdirSync(dir).filter((name) => /^step-\d+$/.test(name)) : [];
  if (existsSync(join(dir, 'run.json')))
    throw new UsageError(`--out: expected a folder without a run, got ${dir} with one; go on with --resume, or choose another folder.`);
  if (checkpoints.length > 0)
    throw new UsageError(`--out: expected a folder without checkpoints of another run, got ${dir} with ${checkpoints.at(-1)}; choose another folder.`);
  const copy = copyOf(dir, file);
  const written = [...(holds(copy, text) ? [] : [basename(copy)]), 'events.jsonl', 'evaluation.json', 'tensorboard'];
  const foreign = written.find((name) => existsSync(join(dir, name)));
  if (foreign !== undefined)
    throw new UsageError(`--out: expected a folder without files of a run's names, got ${dir} with ${foreign}; choose another folder, or move that away.`);
}

/** Whether a run was started here. */
export const hasRun = (dir: string) => existsSync(join(dir, 'run.json'));

/** Starts a run: its note and its config. */
export function writeRun(dir: string, { file, text }: LoadedConfig, facts: Pick<RunNote, 'steps' | 'tasks'>): RunNote {
  mkdirSync(dir, { recursive: true });
  writeFileSync(copyOf(dir, file), text);
  return writeNote(dir, { format: 'hypermeta run', version: 1, config: portablePath(dir, file), ...facts });
}

/** The way from a folder to a file with `/` between names, which every system reads. */
export function portablePath(dir: string, file: string, { relative, sep }: Pick<PlatformPath, 'relative' | 'sep'> = path): string {
  return relative(dir, file).split(sep).join('/');
}

export function writeNote(dir: string, note: RunNote): RunNote {
  writeJson(join(dir, 'run.json'), note);
  return note;
}

export function writeJson(file: string, value: unknown): void {
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Whether a file is this text, byte for byte. */
function holds(file: string, text: string): boolean {
  return existsSync(file) && statSync(file).isFile() && readFileSync(file).equals(Buffer.from(text));
}

/** Where the text of a run's config is kept. */
export function copyOf(dir: string, config: string): string {
  return join(dir, `config${extname(config)}`);
}

function readNote(dir: string): RunNote | undefined {
  const file = join(dir, 'run.json');
  if (!existsSync(file)) return undefined;
  const found = readJson(file) as Partial<RunNote> | null;
  if (found?.format !== 'hypermeta run') throw new DataError(`${file}: expected the note of a run, got something else.`);
  if (found.version !== 1) throw new DataError(`${file}: expected version 1, got ${String(found.version)}; it was written by a newer hypermeta: install that.`);
  if (typeof found.config !== 'string' || typeof found.steps !== 'number' || typeof found.tasks?.sha256 !== 'string')
    throw new DataError(`${file}: expected config, steps and tasks, got ${Object.keys(found).join(', ')}; it was altered.`);
  return found as RunNote;
}
