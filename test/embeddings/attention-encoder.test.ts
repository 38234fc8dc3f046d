import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { countParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { sizeOf } from '../../src/core/shape';
import { attentionClassEncoder } from '../../src/embeddings/attention-class-encoder';
import { attentionEncoder } from '../../src/embeddings/attention-encoder';
import { testClassEmbeddingStart } from '../contracts/class-embedding-start';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { expectDerivatives } from '../helpers/derivatives';
import { classTasks, difference, padded, reversed, valueTasks } from './tasks';

const attending = { width: 4, heads: 2, hidden: 3, activation: 'softplus' } as const;
const options = { ...attending, size: 3, inputShape: [2], targetShape: [1] };

// Without blocks, whose many parameters take long one by one: they are checked all at once below.
testEmbeddingStart(
  'attentionEncoder',
  () => attentionEncoder({ ...options, blocks: 0, input: 'xyPrediction' }),
  (tasks) => valueTasks(tasks, 4),
  ({ support }) => tf.neg(support.y),
);
testEmbeddingStart('attentionClassEncoder', () => attentionClassEncoder({ ...attending, blocks: 0, size: 3, inputShape: [2] }), (tasks) => classTasks(tasks, 6));

test.each([
  ['attentionEncoder', attentionEncoder(options), () => padded(valueTasks(2, 4), 1)],
  ['attentionClassEncoder', attentionClassEncoder({ ...attending, size: 3, inputShape: [2] }), () => padded(classTasks(2, 6), 1)],
])('%s with a block is right to second order, and padding does not count', (_name, encoder, makeTask) => {
  const sizes = Object.values(encoder.specs).map(({ shape }) => sizeOf(shape));
  const start = (flat: tf.Tensor) => {
    const parts = tf.split(flat, sizes, 1);
    const entries = Object.entries(encoder.specs).map(([name, { shape }], index) => [name, tf.reshape(parts[index]!, [1, ...shape])] as const);
    return encoder.start(Object.fromEntries(entries), makeTask());
  };
  return expectDerivatives(start, [1, countParams(encoder.specs)]);
});

describe('attentionEncoder', () => {
  test('counts exactly', () => {
    const block = 4 * 4 * 4 + 2 * 4 + (4 * 3 + 3 + 3 * 4 + 4) + 2 * 4;
    const [lift, feed, seed, output] = [(3 + 1) * 4, 2 * (4 * 4 + 4), 4, (4 + 1) * 3];
    expect(countParams(attentionEncoder({ ...options, blocks: 2 }).specs)).toBe(lift + 2 * block + feed + seed + block + output);
  });

  test('what an example adds depends on the others, as no sum over examples can', () => {
    const encoder = attentionEncoder(options);
    const params = initParams(encoder.specs, createRng('pairs'));
    const embed = (...values: number[]) => {
      const x = tf.tensor3d(values.flatMap((value) => [value, 1]), [1, values.length, 2]);
      return encoder.start(params, { ...valueTasks(1, 1), support: { x, y: tf.ones([1, values.length, 1]), weight: tf.ones([1, values.length]) } });
    };
    // A mean is the same for a set and for the set shown twice; so is this, as copies count alike.
    expect(difference(embed(1, -1), embed(1, -1, 1, -1))).toBeLessThan(1e-5);
    expect(difference(embed(1, -1), embed(1, 1))).toBeGreaterThan(0.01);
  });

  test('neither padding nor the order of the examples changes a number', () => {
    const encoder = attentionEncoder({ ...options, blocks: 2 });
    const params = initParams(encoder.specs, createRng('order'));
    const task = valueTasks(2, 4);
    expect(difference(encoder.start(params, padded(task, 3)), encoder.start(params, task))).toBeLessThan(1e-5);
    expect(difference(encoder.start(params, reversed(task)), encoder.start(params, task))).toBeLessThan(1e-5);
  });

  test('tells tasks apart by their targets, and gives embeddings of size 1', () => {
    const encoder = attentionEncoder({ ...options, width: 32, size: 16 });
    const params = initParams(encoder.specs, createRng('targets'));
    const task = valueTasks(1, 4);
    const other = { ...task, support: { ...task.support, y: tf.add(task.support.y, 2) } };
    expect(difference(encoder.start(params, task), encoder.start(params, other))).toBeGreaterThan(0.05);
    expect(tf.mean(tf.square(encoder.start(params, task))).dataSync()[0]).toBeCloseTo(1, 3);
  });

  test('says what is missing where no prediction can be made, and refuses heads that do not fit', () => {
    const encoder = attentionEncoder({ ...options, input: 'xyPrediction' });
    const params = initParams(encoder.specs, createRng('none'));
    expect(() => encoder.start(params, valueTasks(1, 4))).toThrow(`attentionEncoder: input: 'xyPrediction' needs the base network's prediction`);
    expect(() => attentionEncoder({ ...options, heads: 3 })).toThrow('attention: heads: expected a divisor of the 4 features, got 3.');
  });
});

const classEncoder = attentionClassEncoder({ ...attending, size: 3, inputShape: [2] });
testClassEmbeddingStart('attentionClassEncoder', classEncoder, 4);

test('padding changes no class embedding of attentionClassEncoder', () => {
  const params = initParams(classEncoder.specs, createRng('classes'));
  const task = classTasks(2, 6);
  expect(difference(classEncoder.startClasses(params, padded(task, 3)), classEncoder.startClasses(params, task))).toBeLessThan(1e-5);
});
