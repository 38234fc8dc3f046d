import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { sequential } from '../../src/nn/sequential';
import { upSample } from '../../src/nn/up-sample';
import { zeroPad } from '../../src/nn/zero-pad';
import { testNetwork } from '../contracts/network';

testNetwork('zeroPad', () => sequential([2, 3, 2], [zeroPad([[1, 0], [2, 1]])]));
testNetwork('upSample', () => sequential([2, 3, 2], [upSample([2, 3])]));

const applied = (layer: ReturnType<typeof zeroPad>) =>
  tf.tidy(() => {
    const output = sequential([1, 2, 1], [layer]).apply({}, tf.tensor([1, 2], [1, 1, 1, 2, 1]));
    return [output.shape.slice(2, 4), [...output.dataSync()]];
  });

test('zeros around [[1, 2]]', () => {
  expect(applied(zeroPad())).toEqual([[3, 4], [0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0]]);
  expect(applied(zeroPad([0, 1]))).toEqual([[1, 4], [0, 1, 2, 0]]);
  expect(applied(zeroPad([[1, 0], [0, 1]]))).toEqual([[2, 3], [0, 0, 0, 1, 2, 0]]);
});

test('[[1, 2]] in blocks', () => {
  expect(applied(upSample())).toEqual([[2, 4], [1, 1, 2, 2, 1, 1, 2, 2]]);
  expect(applied(upSample([1, 3]))).toEqual([[1, 6], [1, 1, 1, 2, 2, 2]]);
});

test('refuse vectors and what is no count', () => {
  expect(() => sequential([4], [zeroPad()])).toThrow('zeroPad: expected images [height, width, channels] of at least 1 × 1, got [4].');
  expect(() => sequential([4], [upSample()])).toThrow('upSample: expected images [height, width, channels] of at least 1 × 1, got [4].');
  expect(() => zeroPad([[1, -1], 2] as never)).toThrow('zeroPad: padding above and below: expected a whole number of at least 0, got -1.');
  expect(() => zeroPad([1, 2, 3] as never)).toThrow('zeroPad: expected a number, [vertical, horizontal] or [[top, bottom], [left, right]], got [1,2,3].');
  expect(() => upSample(0)).toThrow('upSample: size: expected a whole number of at least 1, got 0.');
});
