import { DataError, type Adapted } from 'hypermeta';
import { resolve } from 'node:path';
import type { Io } from './io';
import { openRun, type OpenRun } from './open-run';
import { readJson } from './read-data';
import { readRun, type Run } from './run-folder';
import { noteTasks } from './task-note';

/** A trained run, ready for use. The caller disposes the trainer. */
export interface TrainedRun extends OpenRun {
  readonly run: Run;
}

/**
 * The run of a folder with its newest checkpoint. Its data is read only where it says how to read more, or where it is asked for.
 *
 * @throws DataError for a folder without a run, or a run without a checkpoint
 */
export async function trainedRun(from: string, io: Io, data: 'as needed' | 'all' = 'as needed'): Promise<TrainedRun> {
  const run = await readRun(resolve(io.cwd, from));
  const opened = await openRun(run.loaded, data === 'all' ? undefined : run.note.tasks);
  try {
    if (!(await opened.trainer.resume(run.dir)))
      throw new DataError(`${run.dir}: expected a checkpoint, got none yet; train first: npx hypermeta train --out ${from} --resume.`);
    return { ...opened, run };
  } catch (error) {
    opened.trainer.dispose();
    throw error;
  }
}

/** The network of a task that the command adapt has written. The caller disposes it. */
export async function adaptedTask({ trainer }: TrainedRun, task: string, io: Io): Promise<Adapted> {
  const file = resolve(io.cwd, task);
  const saved = readJson(file);
  try {
    return await trainer.loadTask(saved);
  } catch (cause) {
    if (cause instanceof DataError) throw new DataError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** @throws DataError where the data's first episodes are not those of the run */
export function expectSameData(dir: string, { tasks, from, config }: OpenRun, sha256: string): void {
  if (noteTasks(tasks).sha256 === sha256) return;
  const place = from ?? `config.data, ${JSON.stringify(config.data)}`;
  throw new DataError(`${place}: expected the data that the run in ${dir} was trained on, got other data; restore it, or train anew.`);
}
