import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { hostFloats, type HostFloats } from '../core/host-tensor';
import { scopeRecord, unscopeRecord } from '../core/params';
import type { Rng } from '../core/rng';
import { tasksLoss } from './continual-step';
import type { Guard } from './guard';
import { below } from './stacked';

export interface ReplayOptions {
  /** Examples that are kept in all, as many of each finished task. */
  readonly capacity: number;
}

/**
 * Keeps some examples of the finished tasks, drawn by chance, and adds the sum of those tasks' losses to the new one's: in a step,
 * as many stored examples as new ones, rounded up to the same number of each task. A task that has fewer examples than its share
 * repeats them.
 *
 * Source: Robins, "Catastrophic forgetting, rehearsal and pseudorehearsal", 1995; as a baseline: Chaudhry et al., "On Tiny
 * Episodic Memories in Continual Learning", 2019 (arXiv 1902.10486).
 *
 * @throws RangeError unless the capacity is a count; from `addTask`, for more tasks than it holds examples
 */
export function replay({ capacity }: ReplayOptions): Guard {
  expectCount('replay: capacity', capacity);
  return {
    name: 'replay',
    remind({ x, y, ...rest }, { batchSize, rng }) {
      if (!x) return undefined;
      if (x.shape[0]! >= capacity)
        throw new RangeError(`replay: capacity: expected more than ${x.shape[0]}, an example of each task and the new one, got ${capacity}.`);
      const rows = Math.ceil(batchSize / x.shape[0]!);
      const [fromX, fromY] = drawRows([x, y!], rows, rng);
      return { x: fromX!, y: fromY!, ...rest };
    },
    penalty(setting, shared, { x, y, head, ...rest }) {
      const { inputShape, outputShape } = setting.learner.base;
      const [tasks, rows] = x!.shape as [number, number];
      const batch = { x: tf.reshape(x!, [tasks, rows, ...inputShape]), y: tf.reshape(y!, [tasks, rows, ...outputShape]) };
      const isClass = setting.objective.target === 'class';
      return tasksLoss(setting, shared, unscopeRecord(rest, 'own'), { ...batch, ...(isClass ? { head: head! } : {}) });
    },
    finish({ x, y }, { own, heads, tasks, examples, rng }) {
      if (tasks > capacity) throw new RangeError(`replay: capacity: expected at least ${tasks}, an example of each task, got ${capacity}; the last one is not added.`);
      const quota = Math.floor(capacity / tasks);
      const added = [examples.x, examples.y].map((values) => hostFloats(values, [1, examples.count, values.length / examples.count]));
      const mine = drawRows(added, quota, rng, 'once');
      const kept = x ? drawRows([x, y!], quota, rng, 'once') : [];
      return Promise.resolve({
        x: below(kept[0], mine[0]!),
        y: below(kept[1], mine[1]!),
        head: hostFloats(heads, [tasks, 1, heads.length / tasks]),
        ...scopeRecord(own, 'own'),
      });
    },
    shapes({ x }, { tasks, inputs, outputs, own }) {
      if (tasks === 0) return {};
      const rows = x?.shape[1] || 1; // at least one of each task
      return { x: [tasks, rows, inputs], y: [tasks, rows, outputs], head: [tasks, 1, outputs], ...scopeRecord(own, 'own') };
    },
  };
}

/** `count` rows of each task by chance, the same ones of every array `[T, rows, size]`; `'once'`: each at most once, if there are enough. */
function drawRows(arrays: readonly HostFloats[], count: number, rng: Rng, how?: 'once'): readonly HostFloats[] {
  const [tasks, rows] = arrays[0]!.shape as [number, number];
  const all = Array.from({ length: rows }, (_, row) => row);
  const chosen = Array.from({ length: tasks }, () => {
    const order = how === 'once' ? rng.shuffle(all) : [];
    return Array.from({ length: count }, (_, place) => (how === 'once' ? order[place % rows]! : rng.integer(rows)));
  });
  return arrays.map(({ values, shape }) => {
    const size = shape[2]!;
    const drawn = new Float32Array(tasks * count * size);
    chosen.forEach((own, task) =>
      own.forEach((row, place) => drawn.set(values.subarray((task * rows + row) * size, (task * rows + row + 1) * size), (task * count + place) * size)),
    );
    return hostFloats(drawn, [tasks, count, size]);
  });
}
