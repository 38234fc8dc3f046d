import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { softmaxCrossEntropy } from '../../src/ops/cross-entropy';
import { repairGradients } from '../../src/ops/gradient-repair';
import { valueAndGradients } from '../../src/ops/gradients';
import { expectDerivatives, expectDerivativesWith } from '../helpers/derivatives';

type Case = readonly [name: string, fn: (...inputs: tf.Tensor[]) => tf.Tensor, ...inputs: (readonly number[])[]];

const positive = (x: tf.Tensor) => tf.add(tf.square(x), 0.5);

/** Every operation that tfjs gets wrong or refuses on the second derivative, squared so that both derivatives count. */
const repaired: readonly Case[] = [
  ['exp', (x) => tf.exp(x), [3, 4]],
  ['sigmoid', (x) => tf.sigmoid(x), [3, 4]],
  ['tanh', (x) => tf.tanh(x), [3, 4]],
  ['softplus', (x) => tf.softplus(x), [3, 4]],
  ['softmax', (x) => tf.softmax(x), [3, 4]],
  ['elu', (x) => tf.elu(x), [3, 4]],
  ['selu', (x) => tf.selu(x), [3, 4]],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.2), [3, 4]],
  ['prelu', (x, alpha) => tf.prelu(x, alpha), [3, 4], [4]],
  ['relu6', (x) => tf.relu6(tf.mul(x, 4)), [3, 4]],
  ['pow by a number', (x) => tf.pow(positive(x), tf.scalar(2.5)), [3, 4]],
  ['pow of two tensors', (x, y) => tf.pow(positive(x), y), [3, 4], [4]],
  ['maximum', (x, y) => tf.maximum(x, y), [3, 4], [4]],
  ['minimum', (x, y) => tf.minimum(x, y), [3, 4], [3, 1]],
  ['clipByValue', (x) => tf.clipByValue(x, -0.7, 0.8), [3, 4]],
  ['max along an axis', (x) => tf.max(x, 1), [3, 4]],
  ['max of all', (x) => tf.max(x), [3, 4]],
  ['min, axis kept', (x) => tf.min(x, 0, true), [3, 4]],
  ['where of a comparison', (x, y) => tf.where(tf.greater(x, y), tf.mul(x, 2), y), [3, 4], [3, 4]],
  ['tile', (x) => tf.tile(x, [2, 1, 3]), [2, 3, 2]],
  ['tile of rank 5', (x) => tf.tile(x, [1, 2, 1, 2, 1]), [2, 1, 2, 2, 1]],
  ['matMul of a shared left side', (x, y) => tf.matMul(x, y), [1, 2, 3], [4, 3, 2]],
  ['matMul of a shared right side, transposed', (x, y) => tf.matMul(x, y, true, true), [4, 3, 2], [1, 5, 3]],
];

/** What design and users lean on besides: right in tfjs as it is. */
const sound: readonly Case[] = [
  ['add, sub, mul, div', (x, y) => tf.div(tf.mul(tf.add(x, y), tf.sub(x, y)), positive(y)), [3, 4], [4]],
  ['sqrt', (x) => tf.sqrt(positive(x)), [3, 4]],
  ['log', (x) => tf.log(positive(x)), [3, 4]],
  ['sin and cos', (x) => tf.mul(tf.sin(x), tf.cos(x)), [3, 4]],
  ['relu', (x) => tf.relu(x), [3, 4]],
  ['sum and mean', (x) => tf.mul(tf.sum(x, 0), tf.mean(x, 1, true)), [3, 4]],
  ['slice, concat, pad', (x) => tf.pad(tf.concat([tf.slice(x, [0, 1], [3, 2]), x], 1), [[1, 0], [0, 2]]), [3, 4]],
  ['transpose and reshape', (x) => tf.reshape(tf.transpose(x, [1, 0]), [2, 6]), [3, 4]],
  ['batched matMul', (x, y) => tf.matMul(x, y), [2, 3, 4], [2, 4, 2]],
];

describe('after the repair', () => {
  for (const [name, fn, ...inputs] of [...repaired, ...sound])
    test(`${name} is right to second order`, () =>
      // Steps small enough to stay on one side of a kink.
      expectDerivativesWith({ step: 0.004, tolerance: 0.02 }, (...xs) => tf.square(fn(...xs)), ...inputs));

  test('a network of conv2d, relu and average pooling is right to second order on cpu', async () => {
    const before = tf.getBackend();
    await tf.setBackend('cpu'); // wasm has no kernel for the gradient of a filter
    const { checkDerivatives } = await import('../../src/ops/check-derivatives');
    const net = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.square(tf.avgPool(tf.softplus(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same')), 2, 1, 'same'));
    const report = checkDerivatives((...inputs) => net(inputs[0]!, inputs[1]!), [[2, 5, 5, 2], [3, 3, 2, 2]]);
    await tf.setBackend(before);
    expect(report.passed, report.text).toBe(true);
  });

  test('a MAML step of a tanh network with cross-entropy has the meta-gradient of differences', () =>
    expectDerivatives(
      (kernel, x) => {
        const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), 3);
        const loss = (weights: tf.Tensor) => tf.mean<tf.Scalar>(softmaxCrossEntropy(tf.matMul(tf.tanh(x), weights), labels));
        const { gradients } = valueAndGradients(({ weights }) => loss(weights!), { weights: kernel });
        return loss(tf.sub(kernel, tf.mul(gradients['weights']!, 0.5)));
      },
      [4, 3],
      [4, 4],
    ));

  test('first derivatives stay what they were', () =>
    tf.tidy(() => {
      const x = tf.tensor([-1, 0.5, 2]);
      const slope = (fn: (x: tf.Tensor) => tf.Tensor) => Array.from(tf.grad(fn)(x).dataSync());
      const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));
      expect(slope((value) => tf.tanh(value))).toEqual(close([0.419974, 0.786448, 0.070651]));
      expect(slope((value) => tf.elu(value))).toEqual(close([Math.exp(-1), 1, 1]));
      expect(slope((value) => tf.clipByValue(value, 0, 1))).toEqual(close([0, 1, 0]));
      expect(slope((value) => tf.max(value))).toEqual(close([0, 0, 1]));
    }));

  test('x to the power 0 has slope 0 at 0, and x² has slope 0', () =>
    tf.tidy(() => {
      expect(tf.grad((x) => tf.pow(x, tf.scalar(2)))(tf.tensor([0])).dataSync()[0]).toBe(0);
    }));

  test('a second call changes nothing', () => {
    const before = tf.getGradient('Tanh');
    repairGradients();
    expect(tf.getGradient('Tanh')).toBe(before);
  });
});
