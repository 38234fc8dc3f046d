import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Hypernetwork, HypernetworkFamily } from '../../src/core/hypernetwork';
import { constantInit, heInit } from '../../src/core/initializers';
import { countParams, disposeParams, initParams, mapRecord, tileParams, type Params, type ParamSpecs } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

/** A small base network with every kind of parameter: a convolution, a norm, a dense layer. */
export const smallTarget: ParamSpecs = {
  'conv1/kernel': { shape: [2, 2, 1, 3], role: 'kernel', fanIn: 4, init: heInit(4) },
  'norm1/scale': { shape: [3], role: 'scale', fanIn: 1, init: constantInit(1) },
  'norm1/shift': { shape: [3], role: 'shift', fanIn: 1, init: constantInit(0) },
  'dense1/kernel': { shape: [12, 2], role: 'kernel', fanIn: 12, init: heInit(12) },
  'dense1/bias': { shape: [2], role: 'bias', fanIn: 12, init: constantInit(0) },
};

/** A row of values per task: standard normal, the same for the same seed. */
export function embeddingOf(tasks: number, size: number, seed = 'embedding'): tf.Tensor {
  const rng = createRng(seed);
  return tf.tensor2d(Float32Array.from({ length: tasks * size }, () => rng.normal()), [tasks, size]);
}

/** What every hypernetwork family promises. The family must have an embedding of 4 values. */
export function testHypernetwork(name: string, makeFamily: () => HypernetworkFamily): void {
  describe(`${name} as a hypernetwork`, () => {
    const hypernetwork = makeFamily().build(smallTarget);
    const fresh = (seed = 'contract') => initParams(hypernetwork.specs, createRng(seed));

    test.each([1, 3])('generates every parameter of the target for %i task(s), the task axis kept', (tasks) => {
      const weights = hypernetwork.generate(fresh(), embeddingOf(tasks, 4));
      const shapes = mapRecord(weights, (value) => value.shape);
      expect(shapes).toEqual(mapRecord(smallTarget, ({ shape }) => [tasks, ...shape]));
    });

    test('rejects an embedding of the wrong size', () => {
      const params = fresh();
      expect(() => hypernetwork.generate(params, tf.ones([1, 5]))).toThrow('embedding: expected shape [*, 4], got [1, 5].');
      expect(() => hypernetwork.generate(params, tf.ones([4]))).toThrow('embedding: expected shape [*, 4], got [4].');
    });

    test('rejects a target of running statistics, and an empty one', () => {
      const mean = { shape: [3], role: 'statistic', fanIn: 1, init: constantInit(0) } as const;
      expect(() => makeFamily().build({ ...smallTarget, 'norm1/mean': mean })).toThrow(`got the running statistic 'norm1/mean'`);
      expect(() => makeFamily().build({})).toThrow('expected at least one parameter to generate, got none.');
    });

    test('tasks are independent: another embedding changes its own task only', () => {
      const params = fresh();
      const others = embeddingOf(3, 4);
      const changed = tf.concat([embeddingOf(1, 4, 'another'), tf.slice(others, [1, 0], [2, 4])]);
      const before = flatten(hypernetwork.generate(params, others));
      const after = flatten(hypernetwork.generate(params, changed));
      const change = tf.max(tf.abs(tf.sub(before, after)), 1).dataSync();
      expect(change[0]).toBeGreaterThan(1e-3);
      expect([change[1], change[2]]).toEqual([0, 0]);
    });

    test('parameters of one task each give what the same shared ones give', () => {
      const params = fresh();
      const embedding = embeddingOf(3, 4);
      const shared = flatten(hypernetwork.generate(params, embedding));
      const perTask = flatten(hypernetwork.generate(tileParams(params, 3), embedding));
      expect(tf.max(tf.abs(tf.sub(shared, perTask))).dataSync()[0]).toBeLessThan(1e-5);
    });

    test('the embedding can move: at the default start every component has a gradient', () => {
      const params = fresh();
      const gradient = tf.grad((embedding) => weightedSum(hypernetwork.generate(params, embedding)))(embeddingOf(2, 4));
      for (const value of gradient.dataSync()) expect(Math.abs(value)).toBeGreaterThan(1e-4);
    });

    test('an embedding of zeros can move too', () => {
      const params = fresh();
      const gradient = tf.grad((embedding) => weightedSum(hypernetwork.generate(params, embedding)))(tf.zeros([1, 4]));
      expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBeGreaterThan(1e-4);
    });

    test('the same seed gives the same weights, another seed others', () => {
      const values = (seed: string) => [...flatten(hypernetwork.generate(fresh(seed), embeddingOf(1, 4))).dataSync()];
      expect(values('one')).toEqual(values('one'));
      expect(values('one')).not.toEqual(values('two'));
    });

    test('its parameter count is the number of values it starts with', () => {
      const values = Object.values(fresh()).reduce((total, value) => total + value.size, 0);
      expect(values).toBe(countParams(hypernetwork.specs));
    });

    test('leaks nothing', () =>
      expectNoLeak(() => {
        const params = fresh();
        const embedding = embeddingOf(2, 4);
        disposeParams(hypernetwork.generate(params, embedding));
        disposeParams(params);
        embedding.dispose();
      }));

    test('can itself be generated by a hypernetwork', () => {
      const outer: Hypernetwork = makeFamily().build(hypernetwork.specs);
      const params = initParams(outer.specs, createRng('outer'));
      const embedding = embeddingOf(2, 4);
      const weights = hypernetwork.generate(outer.generate(params, embedding), embedding);
      expect(mapRecord(weights, (value) => value.shape)).toEqual(mapRecord(smallTarget, ({ shape }) => [2, ...shape]));
      expect(flatten(weights).dataSync().every(Number.isFinite)).toBe(true);
    });
  });
}

/** Generated weights are right to second order. Give a smooth family: central differences stumble over ReLU's corner. */
export function testHypernetworkDerivatives(name: string, makeFamily: () => HypernetworkFamily): void {
  describe(`derivatives of ${name}`, () => {
    const hypernetwork = makeFamily().build(smallTarget);
    const names = Object.keys(hypernetwork.specs);

    test('generated weights are right to second order in the embedding and in every parameter', () => {
      const generated = (embedding: tf.Tensor, ...values: tf.Tensor[]) =>
        flatten(hypernetwork.generate(Object.fromEntries(names.map((entry, index) => [entry, values[index]!])), embedding));
      return expectDerivatives(generated, [2, 4], ...names.map((entry) => [1, ...hypernetwork.specs[entry]!.shape]));
    });
  });
}

/** All values of each task in a row: `[T, values]`. */
export function flatten(params: Params): tf.Tensor {
  return tf.concat(Object.values(params).map((value) => tf.reshape(value, [value.shape[0], -1])), 1);
}

/** A scalar in which no two values of a task cancel. */
function weightedSum(params: Params): tf.Scalar {
  const values = flatten(params);
  const weights = tf.cos(tf.range(1, values.shape[1]! + 1));
  return tf.sum<tf.Scalar>(tf.mul(values, weights)); // a sum over all axes
}
