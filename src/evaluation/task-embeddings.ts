import type { HostFloats, HostParams } from '../core/host-tensor';

/** What stands for one task in a learner that has embeddings. */
export interface TaskEmbeddings {
  /** The task's own, E values; absent where the learner has none. */
  readonly embedding?: readonly number[];
  /** One for each of its classes; absent where the learner has none. */
  readonly classes?: readonly (readonly number[])[];
}

/** Copies of the embeddings of the first `count` tasks in a state: `embedding` `[T, E]`, `classes` or `latent` `[T, ways, E]`. */
export function readEmbeddings({ embedding, latent, classes = latent }: HostParams, count: number): readonly TaskEmbeddings[] {
  const [ofTasks, ofClasses] = [embedding && rowsOf(embedding), classes && rowsOf(classes)];
  const ways = classes?.shape[1] ?? 0;
  return Array.from({ length: count }, (_, task) => ({
    ...(ofTasks ? { embedding: ofTasks[task]! } : {}),
    ...(ofClasses ? { classes: ofClasses.slice(task * ways, (task + 1) * ways) } : {}),
  }));
}

/** The values along the last axis, for each place of the others. */
function rowsOf({ values, shape }: HostFloats): readonly (readonly number[])[] {
  const size = shape.at(-1)!;
  return Array.from({ length: values.length / size }, (_, row) => Array.from(values.subarray(row * size, (row + 1) * size)));
}
