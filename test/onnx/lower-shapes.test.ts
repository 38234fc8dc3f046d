import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';
import type { Attributes } from '../../src/graph/graph';
import { expectAgreement } from '../helpers/lowered';

beforeAll(() => tf.setBackend('cpu'));

type Case = readonly [what: string, kernel: string, attributes: Attributes, inputs: () => readonly tf.Tensor[], compute: (...inputs: tf.Tensor[]) => tf.Tensor];

const block = () => tf.range(0, 24).sub(7.5).reshape([2, 3, 4]);
const bools = () => tf.tensor([1, 0, 0, 1, 1, 1], [2, 3], 'bool');
const indices = () => tf.tensor([2, 0, 2, 1], [2, 2], 'int32');

const cases: readonly Case[] = [
  ['to whole numbers, toward zero', 'Cast', {}, () => [tf.tensor([-1.7, -0.2, 0.9, 3])], (x) => tf.cast(x, 'int32')],
  ['to boolean', 'Cast', {}, () => [tf.tensor([-1.5, 0, 2])], (x) => tf.cast(x, 'bool')],
  ['of booleans', 'Cast', {}, () => [bools()], (x) => tf.cast(x, 'float32')],
  ['to the same type', 'Cast', {}, () => [block()], (x) => tf.cast(x, 'float32')],
  ['to another rank', 'Reshape', {}, () => [block()], (x) => tf.reshape(x, [6, 1, 4])],
  ['to a scalar', 'Reshape', {}, () => [tf.ones([1, 1])], (x) => tf.reshape(x, [])],
  ['of no values', 'Reshape', {}, () => [tf.zeros([0, 4])], (x) => tf.reshape(x, [2, 0])],
  ['of three axes', 'Transpose', { perm: [2, 0, 1] }, () => [block()], (x) => tf.transpose(x, [2, 0, 1])],
  ['of a row', 'BroadcastTo', {}, () => [tf.tensor([1, 2, 3])], (x) => tf.broadcastTo(x, [2, 4, 3])],
  ['of a column of booleans', 'BroadcastTo', {}, () => [tf.tensor([1, 0], [2, 1], 'bool')], (x) => tf.broadcastTo(x, [2, 3])],

  ['of some axes', 'Slice', { begin: [0, 1, 2], size: [2, 2, 1] }, () => [block()], (x) => tf.slice(x, [0, 1, 2], [2, 2, 1])],
  ['of everything', 'Slice', { begin: [0, 0, 0], size: [2, 3, 4] }, () => [block()], (x) => tf.slice(x, [0, 0, 0], [2, 3, 4])],
  ['of nothing', 'Slice', { begin: [0, 1, 0], size: [2, 0, 4] }, () => [block()], (x) => tf.slice(x, [0, 1, 0], [2, 0, 4])],
  ['of a scalar', 'Slice', { begin: [], size: [] }, () => [tf.scalar(3)], (x) => x.clone()],
  ['forwards', 'StridedSlice', { begin: [0, 0, 1], end: [2, 3, 4], strides: [1, 2, 2] }, () => [block()], (x) => tf.stridedSlice(x, [0, 0, 1], [2, 3, 4], [1, 2, 2])],
  ['backwards, the first value too', 'StridedSlice', { begin: [1, 2, 3], end: [-1, 0, -1], strides: [-1, -1, -2] }, () => [block()], (x) => tf.stridedSlice(x, [1, 2, 3], [0, 0, 0], [-1, -1, -2], 5, 5)],
  ['that drops an axis', 'StridedSlice', { begin: [1, 0, 0], end: [2, 3, 4], strides: [1, 1, 1] }, () => [block()], (x) => tf.stridedSlice(x, [1, 0, 0], [2, 3, 4], [1, 1, 1], 0, 0, 0, 0, 1)],
  ['of two axes', 'Reverse', { dims: [0, 2] }, () => [block()], (x) => tf.reverse(x, [0, 2])],
  ['of no axis', 'Reverse', { dims: [] }, () => [block()], (x) => x.clone()],

  ['of three tensors', 'Concat', { axis: 1 }, () => [block(), tf.ones([2, 1, 4]), block()], (...all) => tf.concat(all, 1)],
  ['of booleans', 'Concat', { axis: 0 }, () => [bools(), bools()], (...all) => tf.concat(all, 0)],
  ['of an empty one', 'Concat', { axis: 1 }, () => [block(), tf.zeros([2, 0, 4])], (...all) => tf.concat(all, 1)],
  ['with a number', 'PadV2', { paddings: [[0, 0], [1, 2], [3, 0]], constantValue: -2.5 }, () => [block()], (x) => tf.pad(x, [[0, 0], [1, 2], [3, 0]], -2.5)],
  ['of whole numbers', 'PadV2', { paddings: [[1, 0], [0, 1]], constantValue: 7 }, () => [indices()], (x) => tf.pad(x, [[1, 0], [0, 1]], 7)],
  ['by indices of rank 2', 'GatherV2', { axis: 1 }, () => [block(), indices()], (x, i) => tf.gather(x, i, 1)],
  ['by an index of rank 0', 'GatherV2', { axis: 2 }, () => [block(), tf.scalar(3, 'int32')], (x, i) => tf.gather(x, i, 2)],
  ['of classes', 'OneHot', { depth: 3, onValue: 1, offValue: 0 }, () => [indices()], (i) => tf.oneHot(i, 3)],
  ['with other values, an index out of range', 'OneHot', { depth: 2, onValue: 0.9, offValue: 0.1 }, () => [tf.tensor([0, -1, 2, 1], [4], 'int32')], (i) => tf.oneHot(i, 2, 0.9, 0.1, 'float32')],
  ['between tensors', 'Select', {}, () => [bools(), tf.ones([2, 3]), tf.zeros([2, 3])], (c, t, e) => tf.where(c, t, e)],
  ['with broadcasts', 'Select', {}, () => [tf.tensor([1, 0], [2, 1], 'bool'), tf.tensor([1, 2, 3]), tf.scalar(-1)], (c, t, e) => tf.where(c, t, e)],
  ['of an axis', 'Cumsum', { axis: 1, exclusive: false, reverse: false }, () => [block()], (x) => tf.cumsum(x, 1)],
  ['without the value itself, from the end', 'Cumsum', { axis: 2, exclusive: true, reverse: true }, () => [block()], (x) => tf.cumsum(x, 2, true, true)],
];

test.each([[-1], [3]])('an index of %d throws, as in TensorFlow.js', async (place) => {
  const x = tf.tensor([5, 6, 7]);
  const compiled = compile(({ index }: { readonly index: tf.Tensor1D }) => tf.gather(x, index), { runtime: 'onnxruntime-node' });
  const take = async (index: number) => [...(await compiled.run({ index: tf.tensor1d([index], 'int32') })).dataSync()];
  await expect(take(place)).rejects.toThrow('out of data bounds');
  expect(await take(2)).toEqual([7]);
  const fixed = compile(({ scale }: { readonly scale: tf.Tensor }) => tf.gather(tf.mul(x, scale), tf.tensor1d([place], 'int32')), { runtime: 'onnxruntime-node' });
  await expect(fixed.run({ scale: tf.scalar(2) })).rejects.toThrow('out of data bounds');
  await compiled.dispose();
  await fixed.dispose();
});

describe('kernels that move values', () =>
  test.each(cases)('%s: %s', (_, kernel, attributes, inputs, compute) => expectAgreement(kernel, attributes, inputs(), compute, 'largest')));

const reductions: readonly Case[] = [
  ['of all', 'Sum', { axes: [0, 1, 2], keepDims: false }, () => [block()], (x) => tf.sum(x)],
  ['of two axes, kept', 'Sum', { axes: [0, 2], keepDims: true }, () => [block()], (x) => tf.sum(x, [0, 2], true)],
  ['of no axis', 'Sum', { axes: [], keepDims: false }, () => [block()], (x) => x.clone()],
  ['of no values', 'Sum', { axes: [1], keepDims: false }, () => [tf.zeros([2, 0])], (x) => tf.sum(x, 1)],
  ['of whole numbers', 'Sum', { axes: [1], keepDims: false }, () => [indices()], (x) => tf.sum(x, 1)],
  ['of booleans', 'Sum', { axes: [0], keepDims: false }, () => [bools()], (x) => tf.sum(x, 0)],
  ['of an axis', 'Mean', { axes: [1], keepDims: false }, () => [block()], (x) => tf.mean(x, 1)],
  ['of an axis', 'Max', { axes: [1], keepDims: true }, () => [block()], (x) => tf.max(x, 1, true)],
  ['of whole numbers', 'Max', { axes: [1], keepDims: false }, () => [indices()], (x) => tf.max(x, 1)],
  ['of values that are not numbers', 'Max', { axes: [1], keepDims: false }, () => [tf.fill([2, 3], NaN)], (x) => tf.max(x, 1)],
  ['of an axis', 'Min', { axes: [0], keepDims: false }, () => [block()], (x) => tf.min(x, 0)],
  ['of an axis', 'Prod', { axes: [2], keepDims: false }, () => [block()], (x) => tf.prod(x, 2)],
  ['of an axis', 'All', { axes: [1], keepDims: false }, () => [bools()], (x) => tf.all(x, 1)],
  ['of an axis', 'Any', { axes: [0], keepDims: false }, () => [tf.tensor([0, 0, 0, 1], [2, 2], 'bool')], (x) => tf.any(x, 0)],
  ['the first of equals', 'ArgMax', { axis: 1 }, () => [tf.tensor([1, 5, 5, 2, 2, 1], [2, 3])], (x) => tf.argMax(x, 1)],
  ['of whole numbers', 'ArgMax', { axis: 0 }, () => [indices()], (x) => tf.argMax(x, 0)],
  ['of an axis in the middle', 'ArgMin', { axis: 1 }, () => [block()], (x) => tf.argMin(x, 1)],
  ['of the last axis', 'Softmax', { axis: 2 }, () => [block().mul(0.3)], (x) => tf.softmax(x)],
  ['of an axis in the middle', 'Softmax', { axis: 1 }, () => [block().mul(0.3)], (x) => tf.transpose(tf.softmax(tf.transpose(x, [0, 2, 1])), [0, 2, 1])],
];

describe('kernels that make one value of many', () =>
  test.each(reductions)('%s: %s', (_, kernel, attributes, inputs, compute) => expectAgreement(kernel, attributes, inputs(), compute, 'largest')));
