import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { gaussian } from '../../src/tasks/gaussian';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const ones = (n: number) => tf.ones([1, n]);
/** r with softplus(r) = value. */
const raw = (value: number) => Math.log(Math.expm1(value));

describe('gaussian', () => {
  const { loss, metric, readout, deviation, outputShape } = gaussian({ minDeviation: 0.5 });

  test('is the negative log likelihood in nats', () => {
    // σ = 0.5 + 1.5 = 2, y − μ = 4: log 2 + ½ log 2π + ½ · 4
    const output = tf.tensor3d([[[1, raw(1.5)]]]);
    expect(loss(output, tf.tensor3d([[[5]]]), ones(1)).dataSync()[0]).toBeCloseTo(Math.log(2) + Math.log(2 * Math.PI) / 2 + 2, 5);
  });

  test('reads means first, then deviations, that never go below the bound', () => {
    const output = tf.tensor3d([[[1, 2, raw(1), -1000]]]);
    expect(Array.from(readout(output).dataSync())).toEqual([1, 2]);
    const [first, second] = Array.from(deviation!(output).dataSync());
    expect(first).toBeCloseTo(1.5, 5);
    expect(second).toBe(0.5);
    expect([outputShape!([2]), outputShape!([4, 3])]).toEqual([[4], [4, 6]]);
  });

  test('is scored by the squared error of the mean, or by itself', () => {
    const [output, y] = [tf.tensor3d([[[1, 0], [2, 0]]]), tf.tensor3d([[[4], [2]]])];
    expect([metric.name, metric.measure(output, y, ones(2)).dataSync()[0]]).toEqual(['mse', 4.5]);
    const itself = gaussian({ metric: 'nll' });
    expect([itself.metric.name, itself.metric.better]).toEqual(['nll', 'lower']);
    expect(itself.metric.measure(output, y, ones(2)).dataSync()).toEqual(itself.loss(output, y, ones(2)).dataSync());
  });

  test('padding changes no number', () => {
    const [output, y] = [tf.tensor3d([[[1, 0.3]]]), tf.tensor3d([[[4]]])];
    const longer = [tf.tensor3d([[[1, 0.3], [7, 9]]]), tf.tensor3d([[[4], [5]]])] as const;
    expect(loss(...longer, tf.tensor2d([[1, 0]])).dataSync()).toEqual(loss(output, y, ones(1)).dataSync());
  });

  test('is right to second order', () =>
    expectDerivatives((output) => loss(output, tf.tensor3d([[[1, 2], [3, -1]]]), ones(2)), [1, 2, 4]));

  test('leaks nothing', () =>
    expectNoLeak(() => {
      const [output, y, weight] = [tf.ones([1, 2, 2]), tf.ones([1, 2, 1]), ones(2)];
      tf.dispose([loss(output, y, weight), metric.measure(output, y, weight), readout(output), deviation!(output), output, y, weight]);
    }));

  test('refuses outputs that are not twice as wide, and options out of range', () => {
    expect(() => loss(tf.ones([1, 2, 3]), tf.ones([1, 2, 1]), ones(2))).toThrow('output: expected shape [1, 2, 2], got [1, 2, 3].');
    expect(() => gaussian({ minDeviation: 0 })).toThrow('gaussian: minDeviation: expected a finite number above 0, got 0.');
    expect(() => gaussian({ metric: 'mae' as 'mse' })).toThrow(`gaussian: metric: expected one of 'mse', 'nll', got 'mae'.`);
  });
});
