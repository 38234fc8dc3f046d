import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { clipPerTask, clipTogether, expectClip } from '../../src/optim/clip';
import { expectDerivatives } from '../helpers/derivatives';

const values = (tensor: tf.Tensor | undefined) => Array.from(tensor!.dataSync());

test('each task is clipped by its own norm over all entries', () =>
  tf.tidy(() => {
    const gradients = { a: tf.tensor([[3], [0.3]]), b: tf.tensor([[4], [0.4]]) }; // norms 5 and 0.5
    const clipped = clipPerTask(gradients, { by: 'norm', limit: 1 });
    expect(values(clipped['a'])).toEqual([expect.closeTo(0.6), expect.closeTo(0.3)]);
    expect(values(clipped['b'])).toEqual([expect.closeTo(0.8), expect.closeTo(0.4)]);
  }));

test('together, all entries share one norm', () =>
  tf.tidy(() => {
    const clipped = clipTogether({ a: tf.tensor([[3]]), b: tf.tensor([[[4]]]) }, { by: 'norm', limit: 2.5 });
    expect([...values(clipped['a']), ...values(clipped['b'])]).toEqual([expect.closeTo(1.5), expect.closeTo(2)]);
    expect(clipped['b']!.shape).toEqual([1, 1, 1]);
  }));

test('by value, every number is clamped', () =>
  tf.tidy(() => {
    const clipped = clipPerTask({ a: tf.tensor([[30, -30, 1]]) }, { by: 'value', limit: 10 });
    expect(values(clipped['a'])).toEqual([10, -10, 1]);
  }));

test('a zero gradient stays zero', () =>
  tf.tidy(() => {
    expect(values(clipPerTask({ a: tf.zeros([2, 2]) }, { by: 'norm', limit: 1 })['a'])).toEqual([0, 0, 0, 0]);
  }));

for (const limit of [0.5, 100])
  test(`clipping at ${limit} is right to second order`, () =>
    expectDerivatives((a, b) => tf.addN(Object.values(clipPerTask({ a: a, b: b }, { by: 'norm', limit })).map((g) => tf.square(g))), [3, 2], [3, 2]));

test('refuses a limit of 0', () =>
  expect(() => expectClip('innerClip', { by: 'norm', limit: 0 })).toThrow('innerClip.limit: expected a finite number above 0, got 0.'));
