import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { dense } from '../../src/nn/dense';
import { residual } from '../../src/nn/residual';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('residual', () => sequential([3], [residual([dense(4), batchNorm(), activation('tanh'), dense(3)]), dense(2)]));

testNetwork('residual with a shortcut', () =>
  sequential([1], [residual([dense(1), activation('tanh')], { shortcut: [dense(1, { bias: 'none' }), batchNorm()] })]));

test('x + 2x = 3x', () =>
  tf.tidy(() => {
    const network = sequential([1], [residual([dense(1, { bias: 'none' })])]);
    const output = network.apply({ 'residual1/dense1/kernel': tf.tensor3d([[[2]]]) }, tf.tensor3d([[[5]]]));
    expect(output.dataSync()[0]).toBe(15);
  }));

test('refuses layers that change the shape', () =>
  expect(() => sequential([3], [residual([dense(4)])])).toThrow('residual: output of its layers: expected shape [3], got [4].'));

test('refuses a shortcut that leads elsewhere', () =>
  expect(() => sequential([3], [residual([dense(4)], { shortcut: [dense(5)] })])).toThrow('residual: output of its layers: expected shape [5], got [4].'));

test('a shortcut of its own: 3x + 2x = 5x', () =>
  tf.tidy(() => {
    const network = sequential([1], [residual([dense(1, { bias: 'none' })], { shortcut: [dense(1, { bias: 'none' })] })]);
    const params = { 'residual1/dense1/kernel': tf.tensor3d([[[2]]]), 'residual1/shortcut1/kernel': tf.tensor3d([[[3]]]) };
    expect(network.apply(params, tf.tensor3d([[[5]]])).dataSync()[0]).toBe(25);
  }));
