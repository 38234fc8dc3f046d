import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { dense } from '../../src/nn/dense';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('dense', () => sequential([4], [dense(3)]));
testNetwork('dense without bias', () => sequential([4], [dense(3, { bias: 'none' })]));

test('(1, 2) · [[1, 0], [10, 100]] + (5, 6) = (26, 206)', () =>
  tf.tidy(() => {
    const kernel = tf.tensor3d([[[1, 0], [10, 100]]]);
    const output = sequential([2], [dense(2)]).apply(
      { 'dense1/kernel': kernel, 'dense1/bias': tf.tensor2d([[5, 6]]) },
      tf.tensor3d([[[1, 2]]]),
    );
    expect([...output.dataSync()]).toEqual([26, 206]);
  }));

test('refuses images and a count that is no count', () => {
  expect(() => sequential([28, 28, 1], [dense(3)])).toThrow('dense: expected inputs of shape [*], got [28, 28, 1]; put flatten() before it.');
  expect(() => dense(0)).toThrow('dense: units: expected a whole number of at least 1, got 0.');
});
