import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { gru } from '../../src/nn/gru';
import { lstm } from '../../src/nn/lstm';
import { sequential } from '../../src/nn/sequential';
import { simpleRnn } from '../../src/nn/simple-rnn';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';

testNetwork('lstm', () => sequential([isFull ? 3 : 2, 2], [lstm(2)]));
testNetwork('lstm of one step, backward, without bias', () => sequential([1, 2], [lstm(2, { direction: 'backward', bias: 'none' })]));
testNetwork('gru of every step', () => sequential([isFull ? 3 : 2, 2], [gru(2, { output: 'every' })]));
testNetwork('simpleRnn, backward', () => sequential([3, 2], [simpleRnn(3, { direction: 'backward', output: 'every' })]));

const layers = { lstm, gru, simpleRnn };

test('h ← x W + h U + b: 1, 2, 3 with W = 2, U = 10, b = 1 give 3, 35, 357', () =>
  tf.tidy(() => {
    const params = { kernel: tf.tensor3d([[[2]]]), recurrentKernel: tf.tensor3d([[[10]]]), bias: tf.tensor2d([[1]]) };
    const outputs = (options: { readonly output: 'every' | 'last'; readonly direction?: 'backward' }) =>
      [...simpleRnn(1, { activation: 'linear', ...options }).build([3, 1]).apply(params, tf.tensor4d([[[[1], [2], [3]]]])).dataSync()];
    expect(outputs({ output: 'every' })).toEqual([3, 35, 357]);
    expect(outputs({ output: 'last' })).toEqual([357]);
    expect(outputs({ output: 'every', direction: 'backward' })).toEqual([7, 75, 753]);
  }));

test('cells of an lstm remember at the start: the bias of the forget gate is 1', () =>
  expect([...lstm(2).build([3, 1]).specs['bias']!.init(createRng('bias'), [8])]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]));

describe.each(Object.entries(layers))('%s', (name, layer) => {
  test('drops the same inputs at every step where there is noise, and nothing without', () =>
    tf.tidy(() => {
      const x = tf.ones([1, 1, 2, 50]);
      const dropping = layer(4, { dropout: 0.5, recurrentDropout: 0.5 }).build([2, 50]);
      const params = initParams(dropping.specs, createRng('dropping'));
      const plain = layer(4).build([2, 50]).apply(params, x).dataSync();
      const pass = { noise: seededNoise(createRng('noise')) };
      expect(dropping.apply(params, x).dataSync()).toEqual(plain);
      expect(dropping.apply(params, x, pass).dataSync()).not.toEqual(plain);
    }));

  test('refuses what is no sequence, and unknown options', () => {
    expect(() => sequential([4], [layer(3)])).toThrow(`${name}: expected sequences of shape [steps, features], got [4].`);
    expect(() => layer(0)).toThrow(`${name}: units: expected a whole number of at least 1, got 0.`);
    expect(() => layer(2, { output: 'all' as 'last' })).toThrow(`${name}: output: expected one of 'last', 'every', got 'all'.`);
    expect(() => layer(2, { activation: 'tan' as 'tanh' })).toThrow(`${name}: activation: expected one of`);
  });
});
