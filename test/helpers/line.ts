import * as tf from '@tensorflow/tfjs';
import type { Network } from '../../src/core/network';
import type { EpisodeBatch, Examples } from '../../src/core/task';

/** y = weight · x: with the squared error everything can be worked out by hand. */
export function line(start: readonly number[]): Network {
  return {
    specs: { weight: { shape: [start.length], role: 'kernel', fanIn: 1, init: () => Float32Array.from(start) } },
    inputShape: [start.length],
    outputShape: [1],
    apply: ({ weight }, x) => tf.sum(tf.mul(x, tf.expandDims(weight!, 1)), 2, true),
  };
}

/** One example: what goes in, and what shall come out. */
export type Point = readonly [x: readonly number[], y: number];

/** A task's examples, support and query. */
export interface LineTask {
  readonly support: readonly Point[];
  readonly query: readonly Point[];
}

/** Tasks with as many examples each. */
export function lineTasks(...tasks: readonly LineTask[]): EpisodeBatch {
  const examples = (sets: readonly (readonly Point[])[]): Examples => ({
    x: tf.tensor(sets.map((points) => points.map(([x]) => [...x]))),
    y: tf.tensor(sets.map((points) => points.map(([, y]) => [y]))),
    weight: tf.ones([sets.length, sets[0]!.length]),
  });
  return { support: examples(tasks.map(({ support }) => support)), query: examples(tasks.map(({ query }) => query)) };
}
