import * as tf from '@tensorflow/tfjs';
import type { TaskInputs } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { createRng } from '../../src/core/rng';

/** T tasks of n examples with inputs of 2 values and 3 classes, in turn. */
export function classTasks(tasks: number, n: number, ways = 3): TaskInputs {
  const rng = createRng('class tasks');
  const x = tf.tensor3d(Float32Array.from({ length: tasks * n * 2 }, () => rng.normal()), [tasks, n, 2]);
  const labels = Float32Array.from({ length: tasks * n * ways }, (_, index) => Number((Math.floor(index / ways) % n) % ways === index % ways));
  return { support: { x, y: tf.tensor3d(labels, [tasks, n, ways]), weight: tf.ones([tasks, n]) }, noise: seededNoise(rng) };
}

/** T tasks of n examples with inputs of 2 values and targets of 1. */
export function valueTasks(tasks: number, n: number): TaskInputs {
  const { support, noise } = classTasks(tasks, n);
  return { support: { ...support, y: tf.sum(support.x, 2, true) }, noise };
}

/** The same tasks with examples of weight 0 at the end, full of nonsense. */
export function padded(task: TaskInputs, extra: number): TaskInputs {
  const { x, y, weight } = task.support;
  const nonsense = (value: tf.Tensor) => tf.fill([value.shape[0], extra, ...value.shape.slice(2)], 9);
  return {
    ...task,
    support: {
      x: tf.concat([x, nonsense(x)], 1),
      y: tf.concat([y, nonsense(y)], 1),
      weight: tf.concat([weight, tf.zeros([weight.shape[0], extra])], 1),
    },
  };
}

/** The same tasks with examples in reverse order. */
export function reversed(task: TaskInputs): TaskInputs {
  const { x, y, weight } = task.support;
  return { ...task, support: { x: tf.reverse(x, 1), y: tf.reverse(y, 1), weight: tf.reverse(weight, 1) } };
}

/** Largest absolute difference. */
export function difference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
}
