import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { bernoulli } from '../../src/tasks/bernoulli';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const ones = (n: number) => tf.ones([1, n]);

describe('bernoulli', () => {
  const { loss, metric, readout } = bernoulli();

  test('is the cross-entropy of a share and a probability, in nats', () => {
    const probability = 0.8;
    const output = tf.fill([1, 1, 1], Math.log(probability / (1 - probability)));
    for (const y of [0, 0.3, 1])
      expect(loss(output, tf.fill([1, 1, 1], y), ones(1)).dataSync()[0]).toBeCloseTo(-y * Math.log(0.8) - (1 - y) * Math.log(0.2), 5);
    expect(readout(output).dataSync()[0]).toBeCloseTo(0.8, 5);
  });

  test('stays finite where it is sure, and wrong', () => {
    expect(loss(tf.fill([1, 1, 1], 500), tf.zeros([1, 1, 1]), ones(1)).dataSync()[0]).toBeCloseTo(500, 2);
    expect(loss(tf.fill([1, 1, 1], -500), tf.zeros([1, 1, 1]), ones(1)).dataSync()[0]).toBe(0);
  });

  test('is a mean over the values of a target and over its examples; padding changes no number', () => {
    const [output, y] = [tf.tensor3d([[[0, 2], [1, -1]]]), tf.tensor3d([[[1, 0], [0.5, 1]]])];
    const softplus = (value: number) => Math.log1p(Math.exp(value));
    const first = (softplus(0) + softplus(2)) / 2;
    const second = (softplus(1) - 0.5 + softplus(-1) + 1) / 2;
    expect(loss(output, y, ones(2)).dataSync()[0]).toBeCloseTo((first + second) / 2, 5);
    expect(loss(output, y, tf.tensor2d([[1, 0]])).dataSync()[0]).toBeCloseTo(first, 5);
  });

  test('is scored by the squared error of the probability, or by itself', () => {
    const [output, y] = [tf.zeros([1, 1, 2]), tf.tensor3d([[[1, 0.5]]])];
    expect([metric.name, metric.measure(output, y, ones(1)).dataSync()[0]]).toEqual(['mse', 0.125]);
    const itself = bernoulli({ metric: 'nll' }).metric;
    expect([itself.name, itself.better]).toEqual(['nll', 'lower']);
    expect(itself.measure(output, y, ones(1)).dataSync()).toEqual(loss(output, y, ones(1)).dataSync());
  });

  test('is right to second order', () => expectDerivatives((output) => loss(output, tf.tensor3d([[[1, 0.2], [0, 0.7]]]), ones(2)), [1, 2, 2]));

  test('leaks nothing', () =>
    expectNoLeak(() => {
      const [output, y, weight] = [tf.ones([1, 2, 1]), tf.ones([1, 2, 1]), ones(2)];
      tf.dispose([loss(output, y, weight), metric.measure(output, y, weight), readout(output), output, y, weight]);
    }));

  test('refuses targets of another shape, and unknown metrics', () => {
    expect(() => loss(tf.ones([1, 2, 3]), tf.ones([1, 2, 1]), ones(2))).toThrow('output: expected shape [1, 2, 1], got [1, 2, 3].');
    expect(() => bernoulli({ metric: 'mae' as 'mse' })).toThrow(`bernoulli: metric: expected one of 'mse', 'nll', got 'mae'.`);
  });
});
