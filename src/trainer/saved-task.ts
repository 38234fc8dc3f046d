import { DataError, shown } from '../core/errors';
import { hostFloats, type HostParams } from '../core/host-tensor';
import { isRecord } from '../core/is-record';
import { mapRecord } from '../core/params';
import { sizeOf } from '../core/shape';
import { writeSafetensors } from '../io/safetensors';
import { sha256, sha256OfJson } from '../io/sha256';
import type { Label } from '../tasks/labels';

/**
 * What is kept of an adapted task, as plain JSON: with the meta-parameters it gives the adapted network again. For a learner
 * that adapts an embedding these are a few numbers.
 */
export interface SavedTask {
  readonly format: 'hypermeta task';
  readonly version: 1;
  readonly learner: string;
  /** Checksum of the meta-parameters that the task was adapted from. */
  readonly model: string;
  readonly classes?: readonly Label[];
  /** `'state'`: `values` are what the inner steps changed. `'weights'`: all base weights, where those are fewer. */
  readonly of: 'state' | 'weights';
  readonly values: Readonly<Record<string, SavedValues>>;
  /** Batch norm's statistics of the support set, where it takes those. */
  readonly statistics: Readonly<Record<string, SavedValues>>;
  /** Checksum of all else. */
  readonly sha256: string;
}

export interface SavedValues {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: readonly number[];
}

/** What is kept of a task, on the host. */
export interface TaskValues {
  readonly of: SavedTask['of'];
  readonly values: HostParams;
  readonly statistics: HostParams;
  readonly classes?: readonly Label[];
}

/** All values are read before anything is waited for: they may be recycled meanwhile. */
export async function writeTask(learner: string, meta: HostParams, { of, values, statistics, classes }: TaskValues): Promise<SavedTask> {
  const plain = { values: mapRecord(values, (value) => asNumbers(value)), statistics: mapRecord(statistics, (value) => asNumbers(value)) };
  const task = {
    format,
    version,
    learner,
    model: await checksum(meta),
    ...(classes ? { classes } : {}),
    of,
    ...plain,
  } as const;
  return { ...task, sha256: (await sha256OfJson(task))! }; // it is flat
}

/**
 * What is in a saved task; whether its values are those of the learner is still to be seen.
 *
 * @throws DataError for what is no such task, was altered, or belongs to another learner or other meta-parameters
 */
export async function readTask(learner: string, meta: HostParams, saved: unknown): Promise<TaskValues> {
  const where = 'loadTask';
  if (!isRecord(saved) || saved['format'] !== format) throw new DataError(`${where}: expected a task that adapted.saveTask() gave, got something else.`);
  const { sha256: signature, ...task } = saved;
  if (typeof task['version'] === 'number' && task['version'] > version)
    throw new DataError(`${where}: expected version ${version} at most, got ${task['version']}; it was saved by a newer hypermeta: install that.`);
  if (typeof signature !== 'string' || signature !== (await sha256OfJson(task))) throw new DataError(`${where}: expected the task that was saved, got another; it was altered.`);
  const { of, values, statistics, classes, model, learner: savedBy } = task;
  if (savedBy !== learner) throw new DataError(`${where}: expected a task of a ${learner} learner, got one of ${shown(savedBy)}.`);
  if (model !== (await checksum(meta)))
    throw new DataError(`${where}: expected a task that was adapted from these meta-parameters, got one of others; load the checkpoint that it was adapted with.`);
  if (task['version'] !== version || (of !== 'state' && of !== 'weights') || (classes !== undefined && !areClasses(classes)))
    throw new DataError(`${where}: expected the members of a saved task, got version ${shown(task['version'])}, of ${shown(of)}, classes ${shown(classes)}.`);
  return { of, values: readValues(values, `${where}: values`), statistics: readValues(statistics, `${where}: statistics`), ...(classes ? { classes } : {}) };
}

function areClasses(classes: unknown): classes is readonly Label[] {
  const isLabel = (label: unknown) => typeof label === 'string' || (typeof label === 'number' && Number.isInteger(label) && label >= 0);
  return Array.isArray(classes) && classes.length > 1 && new Set(classes).size === classes.length && classes.every((label) => isLabel(label));
}

function readValues(found: unknown, where: string): HostParams {
  if (!isRecord(found)) throw new DataError(`${where}: expected values by name, got ${shown(found)}.`);
  return mapRecord(found, (entry, name) => {
    const { shape, values } = isRecord(entry) ? entry : {};
    if (!isNumbers(shape) || !isNumbers(values) || !shape.every((size) => Number.isSafeInteger(size) && size > 0) || sizeOf(shape) !== values.length)
      throw new DataError(`${where}: '${shown(name)}': expected a shape and as many finite numbers, got ${shown(entry)}.`);
    return hostFloats(Float32Array.from(values), shape);
  });
}

function isNumbers(list: unknown): list is readonly number[] {
  return Array.isArray(list) && list.every((value) => Number.isFinite(value));
}

const format = 'hypermeta task';
const version = 1;

/** Nine digits are enough to give every float32 back. */
function asNumbers({ shape, values }: HostParams[string]): SavedValues {
  return { shape, values: Array.from(values, (value) => Number(value.toPrecision(9))) };
}

const checksums = new WeakMap<HostParams, Promise<string>>();

/** Of meta-parameters, which stay as they are. */
function checksum(meta: HostParams): Promise<string> {
  const known = checksums.get(meta) ?? sha256(writeSafetensors(meta));
  checksums.set(meta, known);
  return known;
}
