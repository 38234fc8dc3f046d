import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { checkDerivatives } from '../../src/ops/check-derivatives';
import { softmaxCrossEntropy } from '../../src/ops/cross-entropy';
import { repairGradients } from '../../src/ops/gradient-repair';
import { valueAndGradients } from '../../src/ops/gradients';
import { onEveryBackend } from '../helpers/backends';
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
  ['tile of neighbouring axes of rank 5', (x) => tf.tile(x, [1, 3, 2, 2, 1]), [2, 1, 1, 1, 3]],
  ['tile of rank 5', (x) => tf.tile(x, [1, 2, 1, 2, 1]), [2, 1, 2, 2, 1]],
  ['matMul of a shared left side', (x, y) => tf.matMul(x, y), [1, 2, 3], [4, 3, 2]],
  ['squaredDifference, broadcast', (x, y) => tf.squaredDifference(x, y), [3, 4], [4]],
  ['split into one part', (x) => tf.split(x, [4], 1)[0]!, [2, 4]],
  ['unstack of one', (x) => tf.unstack(x, 1)[0]!, [2, 1, 3]],
  ['floorDiv', (x, y) => tf.add(tf.floorDiv(x, positive(y)), x), [3, 4], [4]],
  ['floor, round, sign and step', (x) => tf.mul(tf.add(tf.floor(x), tf.add(tf.round(x), tf.add(tf.sign(x), tf.step(x)))), x), [3, 4]],
  ['any and all of comparisons', (x) => tf.where(tf.logicalOr(tf.any(tf.greater(x, 1), 1, true), tf.all(tf.less(x, 1), 1, true)), x, tf.exp(x)), [3, 4]],
  ['logSumExp', (x) => tf.logSumExp(x, 1), [3, 4]],
  ['huberLoss', (x, y) => tf.losses.huberLoss(y, x), [3, 4], [3, 4]],
  ['sigmoidCrossEntropy', (x) => tf.losses.sigmoidCrossEntropy(tf.tensor([[1, 0, 0, 1]]), x), [1, 4]],
  ['swish and mish', (x) => tf.add(tf.mul(x, tf.sigmoid(x)), tf.mul(x, tf.tanh(tf.softplus(x)))), [3, 4]],
  ['resizeBilinear', (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [5, 4]), [1, 3, 3, 2]],
  ['resizeNearestNeighbor', (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [5, 4]), [1, 3, 3, 2]],
  ['avgPool over padding', (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same'), [2, 5, 4, 2]],
  ['matMul of a shared right side, transposed', (x, y) => tf.matMul(x, y, true, true), [4, 3, 2], [1, 5, 3]],
];

/** What design and users lean on besides: right in tfjs as it is. */
const sound: readonly Case[] = [
  ['add, sub, mul, div', (x, y) => tf.div(tf.mul(tf.add(x, y), tf.sub(x, y)), positive(y)), [3, 4], [4]],
  ['sqrt, rsqrt, reciprocal', (x) => tf.add(tf.sqrt(positive(x)), tf.mul(tf.rsqrt(positive(x)), tf.reciprocal(positive(x)))), [3, 4]],
  ['log', (x) => tf.log(positive(x)), [3, 4]],
  ['sin and cos', (x) => tf.mul(tf.sin(x), tf.cos(x)), [3, 4]],
  ['expm1, erf, atan, asinh', (x) => tf.add(tf.mul(tf.expm1(x), tf.erf(x)), tf.mul(tf.atan(x), tf.asinh(x))), [3, 4]],
  ['relu and abs', (x) => tf.mul(tf.relu(x), tf.abs(x)), [3, 4]],
  [
    'batchNorm',
    (x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean, positive(variance), offset, scale),
    [5, 3],
    [3],
    [3],
    [3],
    [3],
  ],
  ['moments', (x) => tf.div(tf.sub(x, tf.moments(x, 0).mean), tf.sqrt(tf.moments(x, 0).variance)), [5, 3]],
  ['norm', (x) => tf.norm(x, 2, 1), [3, 4]],
  ['cumsum, reverse', (x) => tf.cumsum(tf.reverse(x, 1), 1), [3, 4]],
  ['stack of unstack', (x) => tf.mul(tf.stack(tf.unstack(x, 1)), 2), [2, 3]],
  ['concat of split', (x) => tf.concat([...tf.split(x, 2)].reverse(), 1), [2, 4]],
  ['one-hot of the largest', (x) => tf.mul(tf.cast(tf.oneHot(tf.argMax(x, 1), 4), 'float32'), x), [3, 4]],
  ['sum and mean', (x) => tf.mul(tf.sum(x, 0), tf.mean(x, 1, true)), [3, 4]],
  ['slice, concat, pad', (x) => tf.pad(tf.concat([tf.slice(x, [0, 1], [3, 2]), x], 1), [[1, 0], [0, 2]]), [3, 4]],
  ['transpose and reshape', (x) => tf.reshape(tf.transpose(x, [1, 0]), [2, 6]), [3, 4]],
  ['batched matMul', (x, y) => tf.matMul(x, y), [2, 3, 4], [2, 4, 2]],
];

const image = (x: tf.Tensor) => x as tf.Tensor4D;

/** Of tfjs, on the back-ends that have them. */
const convolutions: readonly Case[] = [
  ['conv2d', (x, filter) => tf.conv2d(image(x), image(filter), 1, 'same'), [2, 4, 4, 2], [3, 3, 2, 2]],
  ['conv2d in steps of 2', (x, filter) => tf.conv2d(image(x), image(filter), 2, 'valid'), [2, 6, 5, 2], [3, 3, 2, 2]],
  ['conv1d', (x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 1, 'same'), [2, 6, 2], [3, 2, 2]],
  ['conv2dTranspose', (x, filter) => tf.conv2dTranspose(image(x), image(filter), [1, 6, 6, 2], 2, 'same'), [1, 3, 3, 2], [3, 3, 2, 2]],
  ['depthwiseConv2d', (x, filter) => tf.depthwiseConv2d(image(x), image(filter), 2, 'same'), [1, 4, 4, 2], [3, 3, 2, 2]],
  [
    'separableConv2d',
    (x, depth, point) => tf.separableConv2d(image(x), image(depth), image(point), 1, 'same'),
    [1, 4, 4, 2],
    [3, 3, 2, 1],
    [1, 1, 2, 3],
  ],
];

describe('after the repair', () => {
  for (const [name, fn, ...inputs] of [...repaired, ...sound])
    test(`${name} is right to second order`, () =>
      // Steps small enough to stay on one side of a kink.
      expectDerivativesWith({ step: 0.004, tolerance: 0.02 }, (...xs) => tf.square(fn(...xs)), ...inputs));

  for (const [name, fn, ...inputs] of convolutions)
    test(`${name} is right to second order on cpu`, async () => {
      const before = tf.getBackend();
      await tf.setBackend('cpu'); // wasm has no kernel for the gradient of a filter
      const report = checkDerivatives((...xs) => tf.square(tf.softplus(fn(...xs))), inputs);
      await tf.setBackend(before);
      expect(report.passed, report.text).toBe(true);
    });

  for (const [size, stride, padding] of [[2, 2, 'valid'], [3, 2, 'same'], [2, 1, 1]] as const)
    test(`maxPool of ${size} by ${stride}, ${padding}, is right to second order`, () =>
      // Values 0.2 apart, half of them below 0, with one far on either side of the steps taken.
      expectDerivatives((x) => tf.square(tf.maxPool(x as tf.Tensor4D, size, stride, padding)), () =>
        tf.tensor(Array.from({ length: 100 }, (_, index) => (((index * 37) % 100) - 50) / 5), [2, 5, 5, 2]),
      ));

  test('a window without a value above 0 sends its gradient to its own winner, on wasm too', () =>
    onEveryBackend((backend) =>
      tf.tidy(() => {
        const x = tf.tensor4d([-1, -2, -3, -4, -5, -6, -7, -8, -9], [1, 3, 3, 1]);
        const slope = tf.grad((images) => tf.maxPool(images as tf.Tensor4D, 2, 2, 'same'))(x);
        expect(Array.from(slope.dataSync()), backend).toEqual([1, 0, 1, 0, 0, 0, 1, 0, 1]);
      }),
    ));

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

  test('first derivatives at ties and edges stay what they were', () =>
    tf.tidy(() => {
      const [left, right] = tf.grads((x, y) => tf.maximum(x, y))([tf.tensor([2]), tf.tensor([2])]) as [tf.Tensor, tf.Tensor];
      expect([left.dataSync()[0], right.dataSync()[0]]).toEqual([1, 0]);
      expect(Array.from(tf.grad((x) => tf.max(x))(tf.tensor([3, 3, 1])).dataSync())).toEqual([1, 1, 0]);
      expect(Array.from(tf.grad((x) => tf.relu6(x))(tf.tensor([0, 6])).dataSync())).toEqual([0, 1]);
    }));

  for (const [power, slope, curvature] of [[0, 0, 0], [1, 1, 0], [2, 0, 2], [3, 0, 0]] as const)
    test(`at 0, x to the power ${power} has slope ${slope} and curvature ${curvature}`, () =>
      tf.tidy(() => {
        const first = tf.grad((x) => tf.pow(x, tf.scalar(power)));
        expect(first(tf.tensor([0])).dataSync()[0]).toBe(slope);
        expect(tf.grad((x) => first(x))(tf.tensor([0])).dataSync()[0]).toBe(curvature);
      }));

  test('a second call changes nothing', () => {
    const before = tf.getGradient('Tanh');
    repairGradients();
    expect(tf.getGradient('Tanh')).toBe(before);
  });
});
