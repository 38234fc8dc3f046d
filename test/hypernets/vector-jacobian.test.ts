import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { disposeParams, initParams, mapParams, mapRecord, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { vectorJacobian } from '../../src/hypernets/vector-jacobian';
import { valueAndGradients } from '../../src/ops/gradients';
import { embeddingOf, smallTarget } from '../contracts/hypernetwork';
import { expectNoLeak } from '../helpers/leaks';

const hypernetwork = fullHypernetwork({ embeddingSize: 4, hidden: [5], activation: 'tanh' }).build(smallTarget);
const fresh = () => initParams(hypernetwork.specs, createRng('jacobian'));

/** Weights that want to be 1. */
const loss = (weights: Params) =>
  Object.values(weights).reduce<tf.Tensor>((sum, value) => tf.add(sum, tf.sum(tf.square(tf.sub(value, 1)))), tf.scalar(0));

describe('vectorJacobian', () => {
  test('a linear hypernetwork of one weight: θ = W e + b, so W is asked for Δθ e, b for Δθ, e for W Δθ', () => {
    const family = fullHypernetwork({ embeddingSize: 1, hidden: [] });
    const small = family.build({ w: { shape: [1], role: 'kernel', fanIn: 1, init: () => Float32Array.of(1) } });
    const params = { 'heads/w/kernel': tf.tensor([3], [1, 1, 1]), 'heads/w/bias': tf.tensor([7], [1, 1]) };
    const { params: asked, embedding } = vectorJacobian(small, params, tf.tensor2d([[2], [5]]), { w: tf.tensor2d([[10], [100]]) });
    expect(asked['heads/w/kernel']!.dataSync()[0]).toBe(2 * 10 + 5 * 100); // both tasks share it
    expect(asked['heads/w/bias']!.dataSync()[0]).toBe(110);
    expect([...embedding.dataSync()]).toEqual([30, 300]);
  });

  test('a loss gradient put through it is the gradient of the whole', () => {
    const [params, embedding] = [fresh(), embeddingOf(2, 4)];
    const { gradients: change } = valueAndGradients(loss, hypernetwork.generate(params, embedding));
    const found = vectorJacobian(hypernetwork, params, embedding, change);
    const { gradients: whole } = valueAndGradients(({ e, ...own }) => loss(hypernetwork.generate(own, e!)), { ...params, e: embedding });
    for (const [name, value] of Object.entries({ ...found.params, e: found.embedding }))
      expect(tf.max(tf.abs(tf.sub(value, whole[name]!))).dataSync()[0], name).toBeLessThan(1e-5);
    expect(Object.keys(found.params)).toEqual(Object.keys(params));
  });

  test('descending what outside training asks for brings the generated weights there', () => {
    let [params, embedding]: [Params, tf.Tensor] = [fresh(), embeddingOf(2, 4)];
    const losses = [];
    for (let round = 0; round < 30; round++) {
      const before = hypernetwork.generate(params, embedding);
      losses.push(loss(before).dataSync()[0]!);
      const change = mapParams(before, (value) => tf.mul(tf.sub(value, 1), 0.3)); // before − after a step towards 1
      const asked = vectorJacobian(hypernetwork, params, embedding, change);
      params = mapRecord(params, (value, name) => tf.sub(value, tf.mul(asked.params[name]!, 0.1)));
      embedding = tf.sub(embedding, tf.mul(asked.embedding, 0.1));
    }
    expect(losses.at(-1)!).toBeLessThan(0.2 * losses[0]!);
  });

  test('entries that did not change may be left out', () => {
    const [params, embedding] = [fresh(), embeddingOf(1, 4)];
    const { params: asked } = vectorJacobian(hypernetwork, params, embedding, { 'dense1/bias': tf.ones([1, 2]) });
    expect(tf.max(tf.abs(asked['heads/dense1/kernel/kernel']!)).dataSync()[0]).toBe(0);
    expect(tf.max(tf.abs(asked['heads/dense1/bias/kernel']!)).dataSync()[0]).toBeGreaterThan(0.01);
  });

  test('leaks nothing and keeps what it was given', () =>
    expectNoLeak(() => {
      const [params, embedding] = [fresh(), embeddingOf(2, 4)];
      const change = { 'dense1/bias': tf.ones([2, 2]) };
      const asked = vectorJacobian(hypernetwork, params, embedding, change);
      for (const each of [params, change, asked.params]) disposeParams(each);
      tf.dispose([embedding, asked.embedding]);
    }));

  test('refuses what the hypernetwork does not generate, and other shapes', () => {
    const [params, embedding] = [fresh(), embeddingOf(2, 4)];
    expect(() => vectorJacobian(hypernetwork, params, embedding, { bias: tf.ones([2, 2]) })).toThrow(
      `vectorJacobian: change: expected entries of ${Object.keys(smallTarget).join(', ')}, got 'bias'.`,
    );
    expect(() => vectorJacobian(hypernetwork, params, embedding, { 'dense1/bias': tf.ones([1, 2]) })).toThrow(
      'vectorJacobian: change: dense1/bias: expected shape [2, 2], got [1, 2].',
    );
  });
});
