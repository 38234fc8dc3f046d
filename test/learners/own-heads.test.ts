import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import { ownHeads } from '../../src/learners/own-heads';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { disposeBatch, sampleBatch } from '../../src/tasks/stack-episodes';
import { sinusoids } from '../../src/tasks/sinusoids';
import { testLearner } from '../contracts/learner';

const rows = 4;
const waves = sinusoids({ shots: 4, queryShots: 3, x: [-1, 1] });
const known: TaskSource = { ...waves, rows, sample: (seed, index) => ({ ...waves.sample(seed, index), row: (index + 1) % rows }) };
const base = () => mlp([1, 5, 4, 1], { activation: 'softplus' });

testLearner('ownHeads', () => ({ learner: ownHeads(base(), { rows }), source: known }));

test('a task has the head of its row, and all have one body', () => {
  const learner = ownHeads(base(), { rows });
  const meta = initParams(learner.specs, createRng('meta'));
  const batch = sampleBatch(known, 'heads', 0, 3); // rows 1, 2, 3
  tf.tidy(() => {
    const task = { ...batch, noise: seededNoise(createRng('noise')) };
    const weights = learner.weights(meta, learner.start(meta, task));
    const kernels = meta['heads/dense3/kernel']!; // [1, rows, 4, 1]
    expect(weights['dense3/kernel']!.shape).toEqual([3, 4, 1]);
    expect(Array.from(weights['dense3/kernel']!.dataSync())).toEqual(Array.from(tf.slice(kernels, [0, 1], [1, 3]).dataSync()));
    expect(weights['dense1/kernel']!.shape).toEqual([1, 1, 5]);
  });
  disposeParams(meta);
  disposeBatch(batch);
});

test('every head starts on its own', () => {
  const { init, shape } = ownHeads(base(), { rows }).specs['heads/dense3/kernel']!;
  const values = init(createRng('start'), shape);
  expect(values).toHaveLength(rows * 4);
  expect(new Set(values).size).toBe(rows * 4);
});

test('refuses tasks that it cannot know, and a base network without a head', () => {
  const learner = ownHeads(base(), { rows });
  const meta = initParams(learner.specs, createRng('meta'));
  const batch = sampleBatch(waves, 'heads', 0, 1);
  const task = { ...batch, noise: seededNoise(createRng('noise')) };
  expect(() => learner.start(meta, task)).toThrow('ownHeads: expected tasks with a row, got none; give a task source with `rows`, or take anil for unknown tasks.');
  const row = tf.ones([1, 3]);
  expect(() => learner.start(meta, { ...task, row })).toThrow('row: expected shape [*, 4], got [1, 3].');
  row.dispose();
  disposeParams(meta);
  disposeBatch(batch);
  expect(() => ownHeads(sequential([2], [dense(3), activation('relu')]), { rows })).toThrow('ownHeads: expected a base network whose last layer is dense');
  expect(() => ownHeads(base(), { rows: 0 })).toThrow('ownHeads: rows');
});
