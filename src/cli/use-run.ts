import { DataError, type Adapted } from 'hypermeta';
import { resolve } from 'node:path';
import type { Io } from './io';
import { openRun, orDispose, type OpenOptions, type OpenRun } from './open-run';
import { readJson } from './read-data';
import { readRun, type Run } from './run-folder';

/** A trained run, ready for use. The caller disposes the trainer. */
export interface TrainedRun extends OpenRun {
  readonly run: Run;
}

/**
 * The run of a folder with its newest checkpoint. Its data is read only where it says how to read more, or where it is asked for.
 *
 * @throws DataError for a folder without a run, or a run without a checkpoint
 */
export async function trainedRun(from: string, io: Io, data: OpenOptions['data'] = 'as needed'): Promise<TrainedRun> {
  const run = await readRun(resolve(io.cwd, from));
  const opened = await openRun(run.loaded, { note: run.note.tasks, data });
  return orDispose(opened, async () => {
    if (!(await opened.trainer.resume(run.dir)))
      throw new DataError(`${run.dir}: expected a checkpoint, got none yet; train first: npx hypermeta train --out ${from} --resume.`);
    return { ...opened, run };
  });
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
