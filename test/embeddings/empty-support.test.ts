import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { attentionClassEncoder } from '../../src/embeddings/attention-class-encoder';
import { attentionEncoder } from '../../src/embeddings/attention-encoder';
import { classEncoder } from '../../src/embeddings/class-encoder';
import { imageSetEncoder } from '../../src/embeddings/image-set-encoder';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { mlp } from '../../src/nn/mlp';
import { classTasks } from './tasks';

test.each([
  ['setEncoder', setEncoder({ size: 4, inputShape: [2], targetShape: [3], hidden: [5] })],
  ['attentionEncoder', attentionEncoder({ size: 4, inputShape: [2], targetShape: [3], width: 4, heads: 2 })],
  ['classEncoder', classEncoder({ size: 4, inputShape: [2], hidden: [5] })],
  ['attentionClassEncoder', attentionClassEncoder({ size: 4, inputShape: [2], width: 4, heads: 2 })],
  ['imageSetEncoder', imageSetEncoder({ image: mlp([3, 5, 4]) })],
])('%s gives an empty support set an embedding, and a gradient, as its neighbours have', (_name, encoder) => {
  const task = classTasks(2, 3);
  const support = { ...task.support, weight: tf.tensor2d([[0, 0, 0], [1, 1, 0]]) };
  const params = initParams(encoder.specs, createRng('empty'));
  const names = Object.keys(params);
  const embed = (...values: tf.Tensor[]) => encoder.start(Object.fromEntries(names.map((name, index) => [name, values[index]!])), { ...task, support }, () => support.y);
  const gradients = tf.grads((...values: tf.Tensor[]) => tf.sum(tf.square(embed(...values))))(Object.values(params));
  for (const value of [embed(...Object.values(params)), ...gradients]) expect(Array.from(value.dataSync()).every((number) => Number.isFinite(number))).toBe(true);
});
