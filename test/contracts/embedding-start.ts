import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TaskInputs } from '../../src/core/learner';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { EmbeddingStart } from '../../src/embeddings/embedding';
import { padded, reversed, difference } from '../embeddings/tasks';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

/** What every start of an embedding promises. Give a smooth one: central differences stumble over ReLU's corner. */
export function testEmbeddingStart(
  name: string,
  makeStart: () => EmbeddingStart,
  makeTask: (tasks: number) => TaskInputs,
  prediction?: (task: TaskInputs) => tf.Tensor,
): void {
  describe(`${name} as the start of an embedding`, () => {
    const source = makeStart();
    const fresh = () => initParams(source.specs, createRng('start'));
    const start = (params: ReturnType<typeof fresh>, task: TaskInputs) =>
      source.start(params, task, prediction && (() => prediction(task)));

    test.each([1, 3])('gives an embedding to each of %i task(s)', (tasks) => {
      const embedding = start(fresh(), makeTask(tasks));
      expect(embedding.shape).toEqual([tasks, source.size]);
      expect(embedding.dataSync().every(Number.isFinite)).toBe(true);
    });

    test('neither padding nor the order of the examples changes a number', () => {
      const params = fresh();
      const task = makeTask(2);
      const embedding = start(params, task);
      expect(difference(embedding, start(params, padded(task, 3)))).toBeLessThan(1e-5);
      expect(difference(embedding, start(params, reversed(task)))).toBeLessThan(1e-5);
    });

    test('leaks nothing', async () => {
      const task = makeTask(2);
      await expectNoLeak(() => {
        const params = fresh();
        const embedding = start(params, task);
        embedding.dispose();
        disposeParams(params);
      });
    });

    test('is right to second order in every parameter', () => {
      const names = Object.keys(source.specs);
      const started = (...values: tf.Tensor[]) =>
        start(Object.fromEntries(names.map((entry, index) => [entry, values[index]!])), makeTask(2));
      return expectDerivatives(started, ...names.map((entry) => [1, ...source.specs[entry]!.shape]));
    });
  });
}
