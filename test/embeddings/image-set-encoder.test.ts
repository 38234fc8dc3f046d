import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TaskInputs } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { imageSetEncoder } from '../../src/embeddings/image-set-encoder';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { flatten } from '../../src/nn/flatten';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';
import { difference, padded } from './tasks';

const image = () => sequential([4], [dense(5), activation('softplus')]);
const set = () => mlp([5, 3], { activation: 'softplus' });

/** Tasks of `images` images of 4 points. */
function tasks(count: number, images = 1): TaskInputs {
  const n = 4 * images;
  const rng = createRng('image tasks');
  const y = tf.tensor3d(Float32Array.from({ length: count * n }, () => rng.uniform()), [count, n, 1]);
  return { support: { x: tf.zeros([count, n, 2]), y, weight: tf.ones([count, n]) }, noise: seededNoise(rng) };
}

describe('imageSetEncoder', () => {
  const source = imageSetEncoder({ image: image(), set: set() });
  const fresh = () => initParams(source.specs, createRng('start'));

  test.each([1, 3])('gives an embedding to each of %i task(s), from one image or several', (count) => {
    for (const images of [1, 2]) expect(source.start(fresh(), tasks(count, images)).shape).toEqual([count, 3]);
    expect(imageSetEncoder({ image: image() }).size).toBe(5);
  });

  test('sees the values of an image in their order', () => {
    const identity = imageSetEncoder({ image: sequential([4], [dense(4, { bias: 'none' })]) });
    const kernel = tf.expandDims(tf.eye(4), 0);
    const task = tasks(2);
    const seen = identity.start({ 'image/dense1/kernel': kernel }, task);
    expect(difference(seen, tf.reshape(task.support.y, [2, 4]))).toBeLessThan(1e-6);
  });

  test('takes whole images as targets too', () => {
    const [params, task] = [fresh(), tasks(2, 3)];
    const { x, y, weight } = task.support;
    const whole = { x: tf.zeros([2, 3, 1]), y: tf.reshape(y, [2, 3, 4]), weight: tf.ones([2, 3]) };
    expect(x.shape[1]).toBe(weight.shape[1]);
    expect(difference(source.start(params, task), source.start(params, { ...task, support: whole }))).toBeLessThan(1e-6);
  });

  test('neither padding nor the order of the images changes a number', () => {
    const [params, task] = [fresh(), tasks(2, 2)];
    const embedding = source.start(params, task);
    for (const extra of [3, 4, 6]) expect(difference(embedding, source.start(params, padded(task, extra)))).toBeLessThan(1e-5);
    const [first, second] = tf.split(task.support.y, 2, 1);
    const swapped = { ...task, support: { ...task.support, y: tf.concat([second!, first!], 1) } };
    expect(difference(embedding, source.start(params, swapped))).toBeLessThan(1e-5);
  });

  test('padding is not in the statistics of batch norm', () => {
    const normed = imageSetEncoder({ image: sequential([4], [dense(5), batchNorm(), activation('relu')]) });
    const [params, task] = [initParams(normed.specs, createRng('normed')), tasks(2, 3)];
    expect(difference(normed.start(params, task), normed.start(params, padded(task, 4)))).toBeLessThan(1e-5);
  });

  test('a convolutional network sees images', () => {
    const seeing = imageSetEncoder({ image: sequential([2, 2, 1], [conv2d(3, 2), flatten()]) });
    expect(seeing.start(initParams(seeing.specs, createRng('seeing')), tasks(2, 2)).shape).toEqual([2, seeing.size]);
  });

  test('is right to second order in every parameter', () => {
    const names = Object.keys(source.specs);
    const started = (...values: tf.Tensor[]) => source.start(Object.fromEntries(names.map((name, index) => [name, values[index]!])), tasks(2, 2));
    return expectDerivatives(started, ...names.map((name) => [1, ...source.specs[name]!.shape]));
  });

  test('leaks nothing', () => {
    const task = tasks(2);
    return expectNoLeak(() => {
      const params = fresh();
      source.start(params, task).dispose();
      disposeParams(params);
    });
  });

  test('refuses less than an image, and networks that do not fit', () => {
    const { x, y, weight } = tasks(1).support;
    const part = { x: tf.slice(x, [0, 0, 0], [-1, 3, -1]), y: tf.slice(y, [0, 0, 0], [-1, 3, -1]), weight: tf.slice(weight, [0, 0], [-1, 3]) };
    expect(() => source.start(fresh(), { ...tasks(1), support: part })).toThrow('imageSetEncoder: support.y: expected at least 4 examples, the points of an image [4], got 3.');
    expect(() => imageSetEncoder({ image: sequential([2, 2, 1], [conv2d(3, 2)]) })).toThrow('imageSetEncoder: image: expected a network with outputs of shape [*], got [');
    expect(() => imageSetEncoder({ image: image(), set: mlp([4, 3]) })).toThrow('imageSetEncoder: set: expected a network of 5 inputs, as many as an image has features, got [4].');
  });
});
