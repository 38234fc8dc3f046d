import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { Objective } from '../../src/core/task';
import { classification, psnr, psnrRegression, regression } from '../../src/tasks/objectives';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const values = (tensor: tf.Tensor) => [...tensor.dataSync()];

test('the squared error is a weighted mean over n, of the mean over output values', () => {
  const output = tf.tensor([[[1, 2], [0, 0], [9, 9]], [[1, 1], [1, 1], [1, 1]]]);
  const weight = tf.tensor([[1, 1, 0], [1, 1, 1]]);
  expect(values(regression.loss(output, tf.zerosLike(output), weight))).toEqual([(5 / 2 + 0) / 2, 1]);
});

test('cross-entropy of even logits is ln(ways), and accuracy counts the examples with weight', () => {
  const logits = tf.tensor([[[0, 0], [3, 1], [1, 3]]]);
  const y = tf.tensor([[[1, 0], [1, 0], [1, 0]]]);
  expect(values(classification.loss(logits, y, tf.tensor([[1, 0, 0]])))[0]).toBeCloseTo(Math.LN2, 6);
  expect(values(classification.metric.measure(logits, y, tf.tensor([[0, 1, 1]])))).toEqual([0.5]);
});

test.each([['regression', regression], ['classification', classification]])(
  '%s: a task whose weights are all 0 has loss and metric 0, the others keep theirs',
  (_name, objective: Objective) => {
    const output = tf.tensor([[[2, 5]], [[2, 5]]]);
    const y = tf.tensor([[[1, 0]], [[1, 0]]]);
    for (const measure of [objective.loss, objective.metric.measure]) {
      const [empty] = values(measure(output, y, tf.tensor([[0], [1]])));
      expect(empty).toBe(0);
    }
    expect(values(objective.loss(output, y, tf.tensor([[0], [1]])))[1]).toBeGreaterThan(3);
  },
);

test('the readout is probabilities for classes, and the values themselves for regression', () => {
  const output = tf.tensor([[[0, Math.log(3)]]]);
  expect(values(classification.readout(output)).map((value) => Number(value.toFixed(4)))).toEqual([0.25, 0.75]);
  expect(values(regression.readout(output))).toEqual(values(output));
});

test('PSNR is 20 decibels where the root mean square error is 0.1, for each task', () => {
  const y = tf.zeros([2, 2, 1]);
  const output = tf.tensor([[[0.1], [-0.1]], [[0.01], [0.01]]]);
  const [first, second] = values(psnrRegression.metric.measure(output, y, tf.ones([2, 2])));
  expect(first).toBeCloseTo(20, 3);
  expect(second).toBeCloseTo(40, 3);
  expect(psnr(0.01)).toBeCloseTo(20, 6);
  expect(psnr(0)).toBeCloseTo(100, 6);
  expect(psnrRegression.loss).toBe(regression.loss);
});

test('targets of another shape are refused', () =>
  expect(() => regression.loss(tf.zeros([2, 3, 1]), tf.zeros([2, 3, 2]), tf.ones([2, 3]))).toThrow(
    'output: expected shape [2, 3, 2], got [2, 3, 1].',
  ));

test('losses, metrics and readouts leak nothing', () =>
  expectNoLeak(() => {
    const [output, y, weight] = [tf.ones([2, 3, 4]), tf.ones([2, 3, 4]), tf.ones([2, 3])];
    for (const { loss, metric, readout } of [regression, psnrRegression, classification])
      tf.dispose([loss(output, y, weight), metric.measure(output, y, weight), readout(output)]);
    tf.dispose([output, y, weight]);
  }));

for (const [name, objective, target] of [['regression', regression, [2, 3, 2]], ['classification', classification, [2, 3, 2]]] as const)
  test(`the loss of ${name} is right to second order`, () =>
    expectDerivatives((output) => {
      const weight = tf.tensor([[1, 1, 0], [1, 0.5, 1]]);
      const y = tf.oneHot(tf.tensor([[0, 1, 1], [1, 0, 0]], [2, 3], 'int32'), 2);
      return objective.loss(output, tf.cast(y, 'float32'), weight);
    }, target));
