import * as tf from '@tensorflow/tfjs';
import { DataError, expectCount } from '../core/errors';
import { hostFloats, toTensor, type HostFloats } from '../core/host-tensor';
import { sizeOf } from '../core/shape';
import type { Episode, EpisodeBatch, ExampleArrays, Examples, HostBatch, HostExamples, TaskSource } from '../core/task';

/**
 * T episodes with a task axis, on the host. A set with fewer examples than the longest is padded with zeros of
 * weight 0. The arrays of `used`, a batch that nobody needs any more, are filled where they fit: fresh memory is slow.
 *
 * @throws RangeError for no episodes; DataError for an episode that does not fit its source.
 */
export function stackOnHost(source: TaskSource, episodes: readonly Episode[], used?: HostBatch): HostBatch {
  expectCount('stackEpisodes: episodes', episodes.length);
  return {
    support: stackExamples('support', source, episodes.map(({ support }) => support), { used: used?.support }),
    query: stackExamples('query', source, episodes.map(({ query }) => query), { used: used?.query }),
    ...(source.rows === undefined ? {} : { row: stackRows(source.rows, episodes) }),
    ...(source.conditionSize === undefined ? {} : { condition: stackConditions(source.conditionSize, episodes) }),
  };
}

/** Episodes `firstIndex` … `firstIndex + count - 1` of the stream `seed`, stacked on the host. */
export function sampleOnHost(source: TaskSource, seed: string, firstIndex: number, count: number, used?: HostBatch): HostBatch {
  return stackOnHost(source, episodesOf('sampleOnHost', source, seed, firstIndex, count), used);
}

/** `stackOnHost` as tensors: one upload per tensor, whatever T is. The caller disposes, with `disposeBatch`. */
export function stackEpisodes(source: TaskSource, episodes: readonly Episode[]): EpisodeBatch {
  const { support, query, row, condition } = stackOnHost(source, episodes);
  return tf.tidy(() => ({
    support: { ...uploadExamples(support) },
    query: { ...uploadExamples(query) },
    ...(row ? { row: toTensor(row) } : {}),
    ...(condition ? { condition: toTensor(condition) } : {}),
  }));
}

/** Episodes `firstIndex` … `firstIndex + count - 1` of the stream `seed`, stacked. The caller disposes. */
export function sampleBatch(source: TaskSource, seed: string, firstIndex: number, count: number): EpisodeBatch {
  return stackEpisodes(source, episodesOf('sampleBatch', source, seed, firstIndex, count));
}

/** Disposes all tensors of a batch. */
export function disposeBatch({ support, query, row, condition }: EpisodeBatch): void {
  for (const { x, y, weight } of [support, query]) for (const tensor of [x, y, weight]) tensor.dispose();
  row?.dispose();
  condition?.dispose();
}

/** Sets of T tasks → x `[T, n, ...input]`, y `[T, n, ...target]`, weight `[T, n]`; n is the longest count, or `length`. */
export function stackExamples(
  where: string,
  { inputShape, targetShape }: Pick<TaskSource, 'inputShape' | 'targetShape'>,
  sets: readonly ExampleArrays[],
  { length = Math.max(...sets.map(({ count }) => count)), used }: { readonly length?: number; readonly used?: HostExamples | undefined } = {},
): HostExamples {
  const wrong = sets.findIndex(({ count }) => !Number.isInteger(count) || count < 0);
  if (wrong >= 0) throw new DataError(`${where}.count of episode ${wrong}: expected a whole number from 0, got ${sets[wrong]!.count}.`);
  if (length === 0) throw new DataError(`${where}: expected at least one example, got none in all of the episodes.`);
  const tasks = sets.length;
  const [inputSize, targetSize] = [sizeOf(inputShape), sizeOf(targetShape)];
  const x = zeros(tasks * length * inputSize, used?.x);
  const y = zeros(tasks * length * targetSize, used?.y);
  const weight = zeros(tasks * length, used?.weight);
  sets.forEach((set, task) => {
    expectLength(`${where}.x of episode ${task}`, set.x, set.count * inputSize);
    expectLength(`${where}.y of episode ${task}`, set.y, set.count * targetSize);
    x.set(set.x, task * length * inputSize);
    y.set(set.y, task * length * targetSize);
    weight.fill(1, task * length, task * length + set.count);
  });
  return {
    x: hostFloats(x, [tasks, length, ...inputShape]),
    y: hostFloats(y, [tasks, length, ...targetShape]),
    weight: hostFloats(weight, [tasks, length]),
  };
}

/** Numbers of the examples that are no padding, by task. */
export function realExamples({ weight: { values, shape } }: HostExamples): readonly (readonly number[])[] {
  const [tasks, n] = shape as [number, number];
  return Array.from({ length: tasks }, (_, task) => Array.from({ length: n }, (__, row) => task * n + row).filter((example) => values[example] !== 0));
}

function episodesOf(where: string, source: TaskSource, seed: string, firstIndex: number, count: number): readonly Episode[] {
  expectCount(`${where}: count`, count);
  return Array.from({ length: count }, (_, task) => source.sample(seed, firstIndex + task));
}

function zeros(size: number, used: HostFloats | undefined): Float32Array {
  return used?.values.length === size ? used.values.fill(0) : new Float32Array(size);
}

function uploadExamples({ x, y, weight }: HostExamples): Examples {
  return { x: toTensor(x), y: toTensor(y), weight: toTensor(weight) };
}

function stackRows(rows: number, episodes: readonly Episode[]): HostFloats {
  const oneHot = new Float32Array(episodes.length * rows);
  episodes.forEach(({ row }, task) => {
    if (row === undefined || !Number.isInteger(row) || row < 0 || row >= rows)
      throw new DataError(`row of episode ${task}: expected a whole number from 0 to ${rows - 1}, got ${row}.`);
    oneHot[task * rows + row] = 1;
  });
  return hostFloats(oneHot, [episodes.length, rows]);
}

function stackConditions(size: number, episodes: readonly Episode[]): HostFloats {
  const values = new Float32Array(episodes.length * size);
  episodes.forEach(({ condition }, task) => {
    expectLength(`condition of episode ${task}`, condition ?? new Float32Array(0), size);
    values.set(condition!, task * size);
  });
  return hostFloats(values, [episodes.length, size]);
}

function expectLength(where: string, values: Float32Array, length: number): void {
  if (values.length !== length) throw new DataError(`${where}: expected ${length} values, got ${values.length}.`);
}
