import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { constantInit } from '../../src/core/initializers';
import type { Network } from '../../src/core/network';
import { initParams } from '../../src/core/params';
import { sizeOf } from '../../src/core/shape';
import { createRng } from '../../src/core/rng';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { difference, valueTasks } from './tasks';

const shapes = { size: 3, inputShape: [2], targetShape: [1], hidden: [6, 5], activation: 'softplus' } as const;

testEmbeddingStart('setEncoder', () => setEncoder(shapes), (tasks) => valueTasks(tasks, 4));
testEmbeddingStart(
  'setEncoder with predictions',
  () => setEncoder({ ...shapes, input: 'xyPrediction' }),
  (tasks) => valueTasks(tasks, 4),
  ({ support }) => tf.neg(support.y),
);

/** A network that halves its input, with a statistic that it must measure by itself. */
const halving: Network = {
  specs: {
    'half/scale': { shape: [2], role: 'scale', fanIn: 1, init: constantInit(0.5) },
    'half/mean': { shape: [2], role: 'statistic', fanIn: 1, init: constantInit(0) },
  },
  inputShape: [2],
  outputShape: [2],
  apply: (params, x) => tf.mul(x, tf.expandDims(params['half/scale']!, 1)),
};

test('sees x through the features it is given, whose statistics it never holds', () => {
  const plain = setEncoder(shapes);
  const encoder = setEncoder({ ...shapes, features: halving });
  expect(Object.keys(encoder.specs).filter((name) => name.startsWith('features/'))).toEqual(['features/half/scale']);
  const params = initParams(encoder.specs, createRng('features'));
  const task = valueTasks(2, 4);
  const halved = { ...task, support: { ...task.support, x: tf.div(task.support.x, 2) } };
  expect(difference(encoder.start(params, task), plain.start(params, halved))).toBeLessThan(1e-6);
});

test('flattens inputs of any rank', () => {
  const encoder = setEncoder({ ...shapes, inputShape: [2, 1, 1] });
  const params = initParams(encoder.specs, createRng('images'));
  const task = valueTasks(2, 4);
  const images = { ...task, support: { ...task.support, x: tf.reshape(task.support.x, [2, 4, 2, 1, 1]) } };
  expect(difference(encoder.start(params, images), encoder.start(params, task))).toBe(0);
});

test('gives embeddings of unit size whatever the size of the data', () => {
  const encoder = setEncoder({ ...shapes, size: 16 });
  const params = initParams(encoder.specs, createRng('size'));
  const task = valueTasks(1, 4);
  for (const factor of [0.1, 1, 100]) {
    const scaled = { ...task, support: { ...task.support, x: tf.mul(task.support.x, factor), y: tf.mul(task.support.y, factor) } };
    expect(tf.mean(tf.square(encoder.start(params, scaled))).dataSync()[0]).toBeCloseTo(1, 2);
  }
});

test('tells tasks apart by their targets', () => {
  const encoder = setEncoder({ ...shapes, hidden: [32, 32] });
  const params = initParams(encoder.specs, createRng('targets'));
  const task = valueTasks(1, 4);
  const other = { ...task, support: { ...task.support, y: tf.add(task.support.y, 2) } };
  expect(difference(encoder.start(params, task), encoder.start(params, other))).toBeGreaterThan(0.05);
});

test('says what is missing where no prediction can be made', () => {
  const encoder = setEncoder({ ...shapes, input: 'xyPrediction' });
  const params = initParams(encoder.specs, createRng('none'));
  expect(() => encoder.start(params, valueTasks(1, 4))).toThrow(`setEncoder: input: 'xyPrediction' needs the base network's prediction`);
});

test('says so where a prediction is no target, such as a mean and a deviation', () => {
  const encoder = setEncoder({ ...shapes, input: 'xyPrediction' });
  const params = initParams(encoder.specs, createRng('none'));
  const twice = tf.ones([1, 4, 2 * sizeOf(shapes.targetShape)]);
  expect(() => encoder.start(params, valueTasks(1, 4), () => twice)).toThrow(`needs predictions of the targets' shape`);
});

test('rejects an encoder without hidden layers', () =>
  expect(() => setEncoder({ ...shapes, hidden: [] })).toThrow('setEncoder: hidden: number of layers: expected a whole number of at least 1, got 0.'));
