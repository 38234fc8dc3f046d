import { DataError, shown } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import { isRecord } from '../core/is-record';
import { scopeRecord, unscopeRecord } from '../core/params';
import { readSafetensors, writeSafetensors } from '../io/safetensors';
import type { ContinualTask } from './read-task';

/** All that a continual trainer goes on from. */
export interface SavedContinual {
  readonly learner: string;
  readonly guard: string | undefined;
  readonly tasks: readonly ContinualTask[];
  readonly shared: HostParams;
  /** `[tasks, ...]` */
  readonly own: HostParams;
  /** What the guard remembers. */
  readonly memory: HostParams;
}

const format = 'hypermeta continual';

export function writeContinual({ learner, guard = 'none', tasks, shared, own, memory }: SavedContinual): Uint8Array {
  const values = { ...scopeRecord(shared, 'shared'), ...scopeRecord(own, 'own'), ...scopeRecord(memory, 'memory') };
  return writeSafetensors(values, { format, learner, guard, tasks: JSON.stringify(tasks) });
}

/** Checked as a file alone: `expectSaved` holds it to a trainer. @throws DataError for bytes that are no such file, or of another learner or guard */
export function readContinual(bytes: Uint8Array, { learner, guard = 'none' }: Pick<SavedContinual, 'learner' | 'guard'>): SavedContinual {
  const { tensors, metadata } = readSafetensors(bytes, 'load');
  if (metadata['format'] !== format) throw new DataError(`load: expected the format '${format}', got ${shown(metadata['format'] ?? 'none')}.`);
  for (const [name, expected] of Object.entries({ learner, guard }))
    if (metadata[name] !== expected) throw new DataError(`load: expected tasks of a trainer with ${name} '${expected}', got '${shown(metadata[name])}'.`);
  const tasks = readTasks(metadata['tasks']);
  const [shared, own, memory] = [unscopeRecord(tensors, 'shared'), unscopeRecord(tensors, 'own'), unscopeRecord(tensors, 'memory')];
  return { learner, guard, tasks, shared, own, memory };
}

function readTasks(text: string | undefined): readonly ContinualTask[] {
  let found: unknown;
  try {
    found = JSON.parse(text ?? '');
  } catch (cause) {
    throw new DataError('load: tasks: expected JSON, got another text.', { cause });
  }
  if (!Array.isArray(found) || !found.every(isTask)) throw new DataError('load: tasks: expected a list of tasks, got something else.');
  return found.map(({ classes, outputs, steps }) => ({ ...(classes ? { classes } : {}), outputs, steps }));
}

function isTask(task: unknown): task is ContinualTask {
  if (!isRecord(task)) return false;
  const { outputs, classes, steps } = task;
  if (!Number.isSafeInteger(steps) || (steps as number) < 0) return false;
  const isList = (list: unknown, isItem: (item: unknown) => boolean) => Array.isArray(list) && list.every(isItem);
  return isList(outputs, Number.isSafeInteger) && (classes === undefined || isList(classes, (label) => typeof label === 'string' || typeof label === 'number'));
}
