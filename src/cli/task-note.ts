import { classification, regression, sizeOf, type Shape, type TaskSource, type TaskSplits } from 'hypermeta';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** What a run keeps of its tasks: enough to use the trained model where the data is not, and to tell other data apart. */
export interface TaskNote {
  readonly inputShape: Shape;
  readonly targetShape: Shape;
  readonly target: 'class' | 'value';
  /** Examples of a support set in meta-training. */
  readonly support: number;
  /** Checksum of the data's files and of the first episodes. */
  readonly sha256: string;
}

/** @param from the files, or the folder, that the tasks were read from */
export function noteTasks(tasks: TaskSource | TaskSplits, from: readonly string[] = []): TaskNote {
  const { inputShape, targetShape, objective, sample } = 'train' in tasks ? tasks.train : tasks;
  const hash = createHash('sha256');
  for (const file of from) if (statSync(file).isFile()) hash.update(readFileSync(file));
  for (const source of 'train' in tasks ? [tasks.train, tasks.validation, tasks.test] : [tasks])
    for (const index of [0, 1, 2]) {
      const { support, query } = source.sample('note', index);
      for (const values of [support.x, support.y, query.x, query.y]) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  return { inputShape, targetShape, target: objective.target, support: sample('note', 0).support.count, sha256: hash.digest('hex') };
}

/** Tasks of the same shape without content: to load a trained model, not to train. */
export function blankTasks({ inputShape, targetShape, target, support }: TaskNote): TaskSource {
  const blank = { x: new Float32Array(support * sizeOf(inputShape)), y: new Float32Array(support * sizeOf(targetShape)), count: support };
  return {
    inputShape,
    targetShape,
    objective: target === 'class' ? classification : regression,
    sample: () => ({ support: blank, query: blank }),
  };
}
