import { expect, test } from 'vitest';
import { sliceBatch, tasksPerRun } from '../../src/meta/task-runs';
import type { TaskSource } from '../../src/core/task';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleOnHost } from '../../src/tasks/stack-episodes';

const million = 2 ** 20;

test.each([
  ['small tensors: all at once', [[6, 100]], 6, 6],
  ['a tensor of a million values fits', [[4, million / 4]], 4, 4],
  ['three times too large for six tasks: two at a time', [[6, million / 2]], 6, 2],
  ['room for four of ten: two at a time, a divisor', [[10, million / 4]], 10, 2],
  ['a task that does not fit goes alone', [[4, 2 * million]], 4, 1],
  ['tasks folded into a longer first axis count too', [[12, million / 4]], 4, 1],
  ['what all tasks share does not count', [[1, 4 * million], [8 * million]], 4, 4],
])('%s', (_name, shapes, tasks, perRun) => expect(tasksPerRun(shapes, tasks)).toBe(perRun));

test('the parts of a batch are its tasks in order', () => {
  const waves = sinusoids({ shots: 3 });
  const source: TaskSource = { ...waves, rows: 4, conditionSize: 1, sample: (seed, index) => ({ ...waves.sample(seed, index), row: index, condition: Float32Array.of(index) }) };
  const parts = sliceBatch(sampleOnHost(source, 'seed', 0, 4), 2);
  expect(parts).toEqual([sampleOnHost(source, 'seed', 0, 2), sampleOnHost(source, 'seed', 2, 2)]);
});

test('a batch that goes at once is left as it is', () => {
  const batch = sampleOnHost(sinusoids({ shots: 3 }), 'seed', 0, 4);
  expect(sliceBatch(batch, 4)).toEqual([batch]);
});
