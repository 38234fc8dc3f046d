import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { hostFloats } from '../../src/core/host-tensor';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { startAt } from '../../src/core/start-at';
import { generatedSpread } from '../../src/hypernets/hyperfan';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';

const kernel = () => hostFloats(Float32Array.from([1, 2, 3, 4, 5, 9]), [1, 2, 3]);
const bias = () => hostFloats(Float32Array.from([1, 2, 6]), [1, 3]);
const given = () => ({ 'dense1/kernel': kernel(), 'dense1/bias': bias(), other: bias() });

test('parameters start at copies of the given weights, whatever the seed', () => {
  const weights = given();
  const network = startAt(mlp([2, 3]), weights);
  weights['dense1/bias'].values.fill(0);
  const params = initParams(network.specs, createRng('any'));
  expect([...params['dense1/bias']!.dataSync()]).toEqual([1, 2, 6]);
  expect([...params['dense1/kernel']!.dataSync()]).toEqual([1, 2, 3, 4, 5, 9]);
  disposeParams(params);
});

test('tensors will do', () =>
  tf.tidy(() => {
    const network = startAt(mlp([2, 3]), { 'dense1/kernel': tf.ones([1, 2, 3]), 'dense1/bias': tf.zeros([1, 3]) });
    expect([...network.specs['dense1/kernel']!.init(createRng(''), [2, 3])]).toEqual([1, 1, 1, 1, 1, 1]);
  }));

test('one head column for any number of ways starts at the mean of the columns', () => {
  const learner = maml(startAt(mlp([2, 3]), given()));
  const meta = initParams(learner.specs, createRng('any'));
  expect([...meta['base/dense1/kernel']!.dataSync()]).toEqual([2, 6]);
  expect([...meta['base/dense1/bias']!.dataSync()]).toEqual([3]);
  disposeParams(meta);
});

test('generated scales of a norm start around the mean of given ones', () => {
  const { specs } = startAt({ ...mlp([2, 3]), specs: { scale: { ...mlp([2, 3]).specs['dense1/bias']!, role: 'scale' } } }, { scale: bias() });
  expect(generatedSpread(specs, 'hyperfan-in')['scale']!.mean).toBeCloseTo(3, 5);
});

test('says what is missing or does not fit', () => {
  expect(() => startAt(mlp([2, 3]), { 'dense1/kernel': kernel() })).toThrow(
    `startAt: weights: expected an entry 'dense1/bias' as the base network has, got dense1/kernel.`,
  );
  expect(() => startAt(mlp([2, 2]), given())).toThrow('startAt: weights: dense1/kernel: expected shape [1, 2, 2], got [1, 2, 3].');
});
