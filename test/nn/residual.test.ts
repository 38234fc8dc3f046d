import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { dense } from '../../src/nn/dense';
import { residual } from '../../src/nn/residual';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('residual', () => sequential([3], [residual([dense(4), batchNorm(), activation('tanh'), dense(3)]), dense(2)]));

test('x + 2x = 3x', () =>
  tf.tidy(() => {
    const network = sequential([1], [residual([dense(1, { bias: 'none' })])]);
    const output = network.apply({ 'residual1/dense1/kernel': tf.tensor3d([[[2]]]) }, tf.tensor3d([[[5]]]));
    expect(output.dataSync()[0]).toBe(15);
  }));

test('refuses layers that change the shape', () =>
  expect(() => sequential([3], [residual([dense(4)])])).toThrow('residual: output of its layers: expected shape [3], got [4].'));
