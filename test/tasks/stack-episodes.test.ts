import type * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { Episode, TaskSource } from '../../src/core/task';
import { regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { disposeBatch, sampleBatch, sampleOnHost, stackEpisodes, stackExamples } from '../../src/tasks/stack-episodes';
import { expectNoLeak } from '../helpers/leaks';

/** Task `index` has index + 1 support examples, all of value index + 1. */
const growing: TaskSource = {
  inputShape: [2],
  targetShape: [1],
  objective: regression,
  rows: 3,
  conditionSize: 2,
  sample: (_seed, index) => ({
    support: constant(index + 1, index + 1),
    query: constant(1, index + 1),
    row: index,
    condition: Float32Array.of(index, -index),
  }),
};

function constant(count: number, value: number): Episode['support'] {
  return { x: new Float32Array(2 * count).fill(value), y: new Float32Array(count).fill(value), count };
}

test('shorter sets are padded with zeros of weight 0', () => {
  const { support, query } = sampleBatch(growing, 'seed', 0, 3);
  expect(support.x.shape).toEqual([3, 3, 2]);
  expect(support.y.arraySync()).toEqual([[[1], [0], [0]], [[2], [2], [0]], [[3], [3], [3]]]);
  expect(support.weight.arraySync()).toEqual([[1, 0, 0], [1, 1, 0], [1, 1, 1]]);
  expect([query.x.shape, query.y.shape, query.weight.shape]).toEqual([[3, 1, 2], [3, 1, 1], [3, 1]]);
});

test('rows are one-hot and conditions stacked', () => {
  const { row, condition } = sampleBatch(growing, 'seed', 1, 2);
  expect(row!.arraySync()).toEqual([[0, 1, 0], [0, 0, 1]]);
  expect(condition!.arraySync()).toEqual([[1, -1], [2, -2]]);
});

test('a source without rows and conditions gives neither; a batch of one keeps its axis', () => {
  const batch = sampleBatch(sinusoids({ shots: 4 }), 'seed', 0, 1);
  expect(Object.keys(batch)).toEqual(['support', 'query']);
  expect(batch.support.x.shape).toEqual([1, 4, 1]);
});

test('a batch holds the episodes of its indexes', () => {
  const source = sinusoids({ shots: 3 });
  const { x } = sampleBatch(source, 'seed', 5, 2).support;
  expect([...x.dataSync()]).toEqual([...source.sample('seed', 5).support.x, ...source.sample('seed', 6).support.x]);
});

test('an episode that does not fit its source is refused', () => {
  const good = growing.sample('seed', 0);
  const refuse = (episode: Episode, message: string) => expect(() => stackEpisodes(growing, [good, episode])).toThrow(message);
  refuse({ ...good, query: { ...good.query, count: 2 } }, 'query.x of episode 1: expected 4 values, got 2.');
  refuse({ ...good, row: 3 }, 'row of episode 1: expected a whole number from 0 to 2, got 3.');
  refuse({ ...good, condition: new Float32Array(1) }, 'condition of episode 1: expected 2 values, got 1.');
  expect(() => stackEpisodes(growing, [])).toThrow('stackEpisodes: episodes: expected a whole number of at least 1, got 0.');
});

test('an empty batch is refused by the function that was called', () => {
  const rest = 'count: expected a whole number of at least 1, got 0.';
  expect(() => sampleOnHost(growing, 'seed', 0, 0)).toThrow(`sampleOnHost: ${rest}`);
  expect(() => sampleBatch(growing, 'seed', 0, 0)).toThrow(`sampleBatch: ${rest}`);
});

test('on the host, a batch is the same as on tensors', () => {
  const [onHost, batch] = [sampleOnHost(growing, 'seed', 0, 3), sampleBatch(growing, 'seed', 0, 3)];
  const arrays = ({ support, query, row, condition }: { support: object; query: object; row?: unknown; condition?: unknown }) =>
    [...Object.values(support), ...Object.values(query), row, condition] as unknown[];
  const tensors = arrays(batch) as tf.Tensor[];
  expect(arrays(onHost)).toEqual(tensors.map((tensor) => ({ values: tensor.dataSync(), shape: tensor.shape, dtype: 'float32' })));
  disposeBatch(batch);
});

test('a used batch is filled anew where it fits: nothing of it is left', () => {
  const used = sampleOnHost(growing, 'seed', 1, 2); // 2 and 3 examples
  const fresh = sampleOnHost({ ...growing, sample: () => growing.sample('seed', 2) }, 'seed', 0, 2);
  for (const { x, y, weight } of [used.support, used.query]) for (const { values } of [x, y, weight]) values.fill(7);
  const again = sampleOnHost({ ...growing, sample: () => growing.sample('seed', 2) }, 'seed', 0, 2, used);
  expect(again).toEqual(fresh);
  expect(again.support.x.values).toBe(used.support.x.values);
  expect(sampleOnHost(growing, 'seed', 0, 3, used)).toEqual(sampleOnHost(growing, 'seed', 0, 3)); // does not fit
});

test('a set can be made longer than its examples', () => {
  const { x, y, weight } = stackExamples('support', growing, [constant(1, 5)], { length: 3 });
  expect([x.shape, y.shape, weight.shape]).toEqual([[1, 3, 2], [1, 3, 1], [1, 3]]);
  expect([...x.values, ...y.values, ...weight.values]).toEqual([5, 5, 0, 0, 0, 0, 5, 0, 0, 1, 0, 0]);
});

test('disposing the batch frees all of it', () => expectNoLeak(() => disposeBatch(sampleBatch(growing, 'seed', 0, 3))));

test('an episode that is refused leaves nothing behind', () =>
  expectNoLeak(() => {
    const known = { ...sinusoids({ shots: 2 }), rows: 3 };
    expect(() => stackEpisodes(known, [sinusoids({ shots: 2 }).sample('seed', 0)])).toThrow('row of episode 0');
  }));

test('refuses episodes without an example among them, and one that does not say how many it has', () => {
  const sampled = (set: Partial<Episode['support']>) => () => sampleBatch({ ...growing, sample: (...given) => ({ ...growing.sample(...given), support: { ...constant(1, 1), ...set } }) }, 'seed', 0, 2);
  expect(sampled(constant(0, 1))).toThrow('support: expected at least one example, got none in all of the episodes.');
  expect(sampled({ count: undefined as unknown as number })).toThrow('support.count of episode 0: expected a whole number from 0, got undefined.');
});
