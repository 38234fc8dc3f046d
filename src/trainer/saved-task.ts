import { DataError } from '../core/errors';
import { hostFloats, type HostParams } from '../core/host-tensor';
import { isRecord } from '../core/is-record';
import { mapRecord } from '../core/params';
import { writeSafetensors } from '../io/safetensors';
import { sha256 } from '../io/sha256';
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

export async function writeTask(learner: string, meta: HostParams, { of, values, statistics, classes }: TaskValues): Promise<SavedTask> {
  const task = {
    format,
    version,
    learner,
    model: await checksum(meta),
    ...(classes ? { classes } : {}),
    of,
    values: mapRecord(values, (value) => asNumbers(value)),
    statistics: mapRecord(statistics, (value) => asNumbers(value)),
  } as const;
  return { ...task, sha256: await sign(task) };
}

/** @throws DataError for what is no such task, was altered, or belongs to another learner or other meta-parameters */
export async function readTask(learner: string, meta: HostParams, saved: unknown): Promise<TaskValues> {
  const where = 'loadTask';
  if (!isRecord(saved) || saved['format'] !== format) throw new DataError(`${where}: expected a task that adapted.saveTask() gave, got something else.`);
  const { sha256: signature, ...task } = saved;
  if (typeof task['version'] === 'number' && task['version'] > version)
    throw new DataError(`${where}: expected version ${version} at most, got ${task['version']}; it was saved by a newer hypermeta: install that.`);
  if (signature !== (await sign(task))) throw new DataError(`${where}: expected the task that was saved, got another; it was altered.`);
  const { of, values, statistics, classes, model, learner: savedBy } = task as unknown as SavedTask; // as it was written
  if (savedBy !== learner) throw new DataError(`${where}: expected a task of a ${learner} learner, got one of ${savedBy}.`);
  if (model !== (await checksum(meta)))
    throw new DataError(`${where}: expected a task that was adapted from these meta-parameters, got one of others; load the checkpoint that it was adapted with.`);
  const onHost = (record: SavedTask['values']) => mapRecord(record, ({ shape, values: numbers }) => hostFloats(Float32Array.from(numbers), shape));
  return { of, values: onHost(values), statistics: onHost(statistics), ...(classes ? { classes } : {}) };
}

const format = 'hypermeta task';
const version = 1;

/** Nine digits are enough to give every float32 back. */
function asNumbers({ shape, values }: HostParams[string]): SavedValues {
  return { shape, values: Array.from(values, (value) => Number(value.toPrecision(9))) };
}

function sign(task: object): Promise<string> {
  return sha256(new TextEncoder().encode(JSON.stringify(task)));
}

const checksums = new WeakMap<HostParams, Promise<string>>();

/** Of meta-parameters, which stay as they are. */
function checksum(meta: HostParams): Promise<string> {
  const known = checksums.get(meta) ?? sha256(writeSafetensors(meta));
  checksums.set(meta, known);
  return known;
}
