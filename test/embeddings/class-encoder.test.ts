import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { classEncoder } from '../../src/embeddings/class-encoder';
import { classMeans } from '../../src/embeddings/class-means';
import { testClassEmbeddingStart } from '../contracts/class-embedding-start';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';
import { classTasks, difference, padded } from './tasks';

const options = { size: 3, inputShape: [2], hidden: [6], classSize: 5, activation: 'softplus' } as const;

testEmbeddingStart('classEncoder', () => classEncoder(options), (tasks) => classTasks(tasks, 6));
testClassEmbeddingStart('classEncoder', classEncoder(options), 5);

describe('classMeans', () => {
  const features = () => tf.tensor3d([[[1, 2], [3, 4], [5, 6], [9, 9]]]);
  const support = () => ({
    y: tf.tensor3d([[[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0]]]),
    weight: tf.tensor2d([[1, 1, 1, 0]]),
  });

  test('averages the examples of each class; a class without one is zeros', () => {
    const { means, counts } = classMeans(features(), support());
    expect(means.arraySync()).toEqual([[[3, 4], [3, 4], [0, 0]]]);
    expect(counts.arraySync()).toEqual([[2, 1, 0]]);
  });

  test('is right to second order', () => expectDerivatives((x) => tf.square(classMeans(x, support()).means), [1, 4, 2]));

  test('leaks nothing', async () => {
    const [given, examples] = [features(), support()];
    await expectNoLeak(() => tf.dispose({ ...classMeans(given, examples) }));
  });
});

describe('classEncoder', () => {
  const encoder = classEncoder(options);
  const fresh = () => initParams(encoder.specs, createRng('classes'));

  test('padding changes no class embedding', () => {
    const params = fresh();
    const task = classTasks(2, 6);
    expect(difference(encoder.startClasses(params, padded(task, 2)), encoder.startClasses(params, task))).toBeLessThan(1e-6);
  });
});
