import { DataError } from '../core/errors';
import { isAlive } from '../core/is-alive-node';
import { listFolder, readFileBytes } from '../core/read-file-node';
import { syncFolder, writeSynced } from './synced-files-node';
import { checkpointFiles, stateFiles, type CheckpointFiles, type CheckpointReader } from './checkpoint';

function node(): typeof process {
  if (typeof process === 'undefined') throw new Error('checkpoints: expected Node, where there are files, got a browser.');
  return process;
}

const fs = () => node().getBuiltinModule('node:fs');
const path = () => node().getBuiltinModule('node:path');

const nameOf = (step: number) => `step-${String(step).padStart(8, '0')}`;
const stepOf = (name: string) => {
  const step = /^step-\d{8,}$/.test(name) ? Number(name.slice('step-'.length)) : NaN;
  return nameOf(step) === name ? step : undefined; // no other writing of a number
};
const waste = /^\.(partial|old)-(\d+)-/;

/** Steps of the checkpoints in a folder, in order; none where the folder is not there. @throws DataError for a file */
export function listCheckpoints(dir: string): readonly number[] {
  if (!fs().existsSync(dir)) return [];
  const steps = listFolder(dir, 'folders').flatMap((name) => stepOf(name) ?? []);
  return steps.sort((one, other) => one - other);
}

/**
 * Writes a checkpoint `DIR/step-00001000`: aside, synced to the disk, then renamed, so that there is all of it or none
 * whenever the process dies. Older ones are removed, but for the last `keep`. Returns its path.
 *
 * @throws DataError where there is one of another state at that step
 */
export function writeCheckpointFolder(dir: string, step: number, files: CheckpointFiles, keep: number): string {
  const { join } = path();
  const to = join(dir, nameOf(step));
  if (fs().existsSync(to)) return expectSame(to, files);
  fs().mkdirSync(dir, { recursive: true });
  clearWaste(dir);
  const aside = join(dir, `.partial-${process.pid}-${nameOf(step)}`);
  fs().mkdirSync(aside);
  for (const name of checkpointFiles) writeSynced(join(aside, name), files[name]);
  syncFolder(aside);
  fs().renameSync(aside, to);
  syncFolder(dir);
  for (const old of listCheckpoints(dir).slice(0, -keep)) removeFolder(dir, nameOf(old));
  return to;
}

/** The same step of a run is the same state, unless weights were loaded since. */
function expectSame(checkpoint: string, files: CheckpointFiles): string {
  for (const name of stateFiles) {
    const place = path().join(checkpoint, name);
    const saved = fs().existsSync(place) ? readFileBytes(place) : new Uint8Array();
    if (Buffer.compare(saved, files[name]) !== 0)
      throw new DataError(`save: ${checkpoint}: expected this state of the step, got another that was saved before; choose another folder, or remove it.`);
  }
  return checkpoint;
}

/** A checkpoint, or the newest one in a folder, and the folder that it is in. @throws DataError for none */
export function findCheckpoint(given: string): { readonly checkpoint: string; readonly dir: string } {
  const { join, dirname } = path();
  if (fs().existsSync(join(given, 'checkpoint.json'))) return { checkpoint: given, dir: dirname(absolute(given)) };
  const newest = listCheckpoints(given).at(-1);
  if (newest === undefined) throw new DataError(`${given}: expected a checkpoint, or a folder of checkpoints step-…, got none.`);
  return { checkpoint: join(given, nameOf(newest)), dir: absolute(given) };
}

/** The one name of a folder, however it is written. */
export function absolute(dir: string): string {
  return path().resolve(dir);
}

export function checkpointReader(checkpoint: string, maxBytes: number): CheckpointReader {
  const place = (name: string) => path().join(checkpoint, name);
  return {
    maxBytes,
    size(name) {
      const found = fs().statSync(place(name), { throwIfNoEntry: false });
      return found?.isFile() ? found.size : undefined;
    },
    read: (name) => readFileBytes(place(name)),
  };
}

/** Renamed first: a checkpoint that is half removed must not look like one. */
function removeFolder(dir: string, name: string): void {
  const old = path().join(dir, `.old-${process.pid}-${name}`);
  fs().renameSync(path().join(dir, name), old);
  fs().rmSync(old, { recursive: true });
}

/** What processes that died have left. */
function clearWaste(dir: string): void {
  for (const name of fs().readdirSync(dir)) {
    const owner = waste.exec(name)?.[2];
    if (owner !== undefined && (Number(owner) === process.pid || !isAlive(Number(owner)))) fs().rmSync(path().join(dir, name), { recursive: true });
  }
}
