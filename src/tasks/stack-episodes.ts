import * as tf from '@tensorflow/tfjs';
import { DataError, expectCount } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { Episode, EpisodeBatch, ExampleArrays, Examples, TaskSource } from '../core/task';

/**
 * T episodes as tensors with a task axis. A set with fewer examples than the longest is padded with zeros of
 * weight 0. One upload per tensor, whatever T is. The caller disposes, with `disposeBatch`.
 *
 * @throws RangeError for no episodes; DataError for an episode that does not fit its source.
 */
export function stackEpisodes(source: TaskSource, episodes: readonly Episode[]): EpisodeBatch {
  expectCount('stackEpisodes: episodes', episodes.length);
  // In a tidy, so that an episode that is refused leaves nothing of the others.
  return tf.tidy(() => ({
    support: { ...stackExamples('support', source, episodes.map(({ support }) => support)) },
    query: { ...stackExamples('query', source, episodes.map(({ query }) => query)) },
    ...(source.rows === undefined ? {} : { row: stackRows(source.rows, episodes) }),
    ...(source.conditionSize === undefined ? {} : { condition: stackConditions(source.conditionSize, episodes) }),
  }));
}

/** Episodes `firstIndex` … `firstIndex + count - 1` of the stream `seed`, stacked. The caller disposes. */
export function sampleBatch(source: TaskSource, seed: string, firstIndex: number, count: number): EpisodeBatch {
  expectCount('sampleBatch: count', count);
  return stackEpisodes(source, Array.from({ length: count }, (_, task) => source.sample(seed, firstIndex + task)));
}

/** Disposes all tensors of a batch. */
export function disposeBatch({ support, query, row, condition }: EpisodeBatch): void {
  for (const { x, y, weight } of [support, query]) for (const tensor of [x, y, weight]) tensor.dispose();
  row?.dispose();
  condition?.dispose();
}

/** Sets of T tasks → x `[T, n, ...input]`, y `[T, n, ...target]`, weight `[T, n]`; n is the longest count. */
export function stackExamples(
  where: string,
  { inputShape, targetShape }: Pick<TaskSource, 'inputShape' | 'targetShape'>,
  sets: readonly ExampleArrays[],
): Examples {
  const [tasks, longest] = [sets.length, Math.max(...sets.map(({ count }) => count))];
  const [inputSize, targetSize] = [sizeOf(inputShape), sizeOf(targetShape)];
  const x = new Float32Array(tasks * longest * inputSize);
  const y = new Float32Array(tasks * longest * targetSize);
  const weight = new Float32Array(tasks * longest);
  sets.forEach((set, task) => {
    expectLength(`${where}.x of episode ${task}`, set.x, set.count * inputSize);
    expectLength(`${where}.y of episode ${task}`, set.y, set.count * targetSize);
    x.set(set.x, task * longest * inputSize);
    y.set(set.y, task * longest * targetSize);
    weight.fill(1, task * longest, task * longest + set.count);
  });
  return {
    x: tf.tensor(x, [tasks, longest, ...inputShape]),
    y: tf.tensor(y, [tasks, longest, ...targetShape]),
    weight: tf.tensor(weight, [tasks, longest]),
  };
}

function stackRows(rows: number, episodes: readonly Episode[]): tf.Tensor {
  const oneHot = new Float32Array(episodes.length * rows);
  episodes.forEach(({ row }, task) => {
    if (row === undefined || !Number.isInteger(row) || row < 0 || row >= rows)
      throw new DataError(`row of episode ${task}: expected a whole number from 0 to ${rows - 1}, got ${row}.`);
    oneHot[task * rows + row] = 1;
  });
  return tf.tensor(oneHot, [episodes.length, rows]);
}

function stackConditions(size: number, episodes: readonly Episode[]): tf.Tensor {
  const values = new Float32Array(episodes.length * size);
  episodes.forEach(({ condition }, task) => {
    expectLength(`condition of episode ${task}`, condition ?? new Float32Array(0), size);
    values.set(condition!, task * size);
  });
  return tf.tensor(values, [episodes.length, size]);
}

function expectLength(where: string, values: Float32Array, length: number): void {
  if (values.length !== length) throw new DataError(`${where}: expected ${length} values, got ${values.length}.`);
}
