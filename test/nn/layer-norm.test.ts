import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { layerNorm } from '../../src/nn/layer-norm';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('layerNorm', () => sequential([4], [layerNorm()]));
testNetwork('layerNorm on images', () => sequential([2, 2, 3], [layerNorm()]));

test('(1, 3) becomes (−1, 1), scaled by 2 and shifted by 5', () =>
  tf.tidy(() => {
    const params = { scale: tf.fill([1, 2], 2), shift: tf.fill([1, 2], 5) };
    const output = layerNorm({ epsilon: 1e-9 }).build([2]).apply(params, tf.tensor3d([[[1, 3]]]));
    [3, 7].forEach((value, index) => expect(output.dataSync()[index]).toBeCloseTo(value, 5));
  }));
