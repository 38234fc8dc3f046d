import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { activation, type ActivationName } from '../../src/nn/activation';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

const names = [
  'relu', 'tanh', 'sigmoid', 'linear', 'relu6', 'softplus', 'softsign', 'hardSigmoid', 'elu', 'selu', 'leakyRelu', 'swish', 'gelu', 'mish', 'sin', 'softmax',
] as const;
for (const name of names) testNetwork(name, () => sequential([4], [activation(name)]));

test.each<[ActivationName, number, number]>([
  ['relu', -2, 0],
  ['tanh', 1, 0.761594],
  ['sigmoid', 0, 0.5],
  ['linear', -3, -3],
  ['relu6', 8, 6],
  ['softplus', 0, Math.LN2],
  ['softsign', -3, -0.75],
  ['hardSigmoid', 1, 0.7],
  ['hardSigmoid', 3, 1],
  ['selu', 2, 2.101402],
  ['mish', 1, 0.865098],
  ['elu', -1, Math.exp(-1) - 1],
  ['leakyRelu', -2, -0.4],
  ['swish', 1, 0.731059],
  ['gelu', 1, 0.841345],
  ['sin', Math.PI / 2, 1],
])('%s(%f) = %f', (name, x, y) =>
  tf.tidy(() => {
    const output = sequential([1], [activation(name)]).apply({}, tf.tensor3d([[[x]]]));
    expect(output.dataSync()[0]).toBeCloseTo(y, 5);
  }));

test('takes a function of one’s own', () =>
  tf.tidy(() => {
    const network = sequential([1], [activation((x) => tf.square(x))]);
    expect(network.apply({}, tf.tensor3d([[[3]]])).dataSync()[0]).toBe(9);
  }));

test('refuses an unknown name', () =>
  expect(() => activation('rellu' as ActivationName)).toThrow(`activation: expected one of 'relu', 'tanh',`));
