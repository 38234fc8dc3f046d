import { expect, test } from 'vitest';
import { batchNorm } from '../../src/nn/batch-norm';
import { dense } from '../../src/nn/dense';
import { permute, repeat, reshape } from '../../src/nn/reshape';
import { sequential } from '../../src/nn/sequential';
import { timeDistributed } from '../../src/nn/time-distributed';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';

testNetwork('timeDistributed', () => sequential([3, 2], [timeDistributed(dense(2))]));
if (isFull) testNetwork('timeDistributed batchNorm', () => sequential([3, 2], [timeDistributed(batchNorm())]));
testNetwork('reshape, permute and repeat', () => sequential([6], [reshape([2, -1]), permute([1, 0]), repeat(2)]));

test('layers are named as they are alone', () =>
  expect(Object.keys(sequential([3, 2], [timeDistributed(dense(2))]).specs)).toEqual(['dense1/kernel', 'dense1/bias']));

test('shapes follow, and what does not fit is refused', () => {
  expect(sequential([6], [reshape([2, -1]), permute([1, 0]), repeat(4)]).outputShape).toEqual([4, 3, 2]);
  expect(() => sequential([6], [reshape([4])])).toThrow('reshape: expected inputs of 4 values, got [6].');
  expect(() => sequential([6], [reshape([4, -1])])).toThrow('reshape: expected inputs of 4 values, or a multiple, got [6].');
  expect(() => sequential([6, 2], [permute([0, 0])])).toThrow('permute: expected each axis of inputs [6, 2] once, got 0, 0.');
  expect(() => sequential([6], [timeDistributed(dense(2))])).toThrow('timeDistributed: expected sequences of shape [steps, ...], got [6].');
});
