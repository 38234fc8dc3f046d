import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { classEncoder } from '../../src/embeddings/class-encoder';
import { classMeans } from '../../src/embeddings/class-means';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';
import { classTasks, difference, padded } from './tasks';

const options = { size: 3, inputShape: [2], hidden: [6], classSize: 5, activation: 'softplus' } as const;

testEmbeddingStart('classEncoder', () => classEncoder(options), (tasks) => classTasks(tasks, 6));

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

  test('the same parameters serve any number of ways', () => {
    const params = fresh();
    expect(encoder.startClasses(params, classTasks(2, 6, 3)).shape).toEqual([2, 3, 5]);
    expect(encoder.startClasses(params, classTasks(2, 10, 5)).shape).toEqual([2, 5, 5]);
  });

  test('permuting classes permutes class embeddings and keeps the task embedding', () => {
    const params = fresh();
    const task = classTasks(2, 6);
    const swapped = { ...task, support: { ...task.support, y: tf.reverse(task.support.y, 2) } };
    const classes = encoder.startClasses(params, task);
    expect(difference(encoder.startClasses(params, swapped), tf.reverse(classes, 1))).toBeLessThan(1e-6);
    expect(difference(encoder.start(params, swapped), encoder.start(params, task))).toBeLessThan(1e-6);
  });

  test('classes that the support set does not show change nothing', () => {
    const params = fresh();
    const task = classTasks(2, 6);
    const y = tf.concat([task.support.y, tf.zeros([2, 6, 2])], 2);
    const wider = { ...task, support: { ...task.support, y } };
    expect(difference(encoder.start(params, wider), encoder.start(params, task))).toBeLessThan(1e-6);
    expect(tf.max(tf.abs(tf.slice(encoder.startClasses(params, wider), [0, 3, 0]))).dataSync()[0]).toBe(0);
  });

  test('padding changes no class embedding', () => {
    const params = fresh();
    const task = classTasks(2, 6);
    expect(difference(encoder.startClasses(params, padded(task, 2)), encoder.startClasses(params, task))).toBeLessThan(1e-6);
  });
});
