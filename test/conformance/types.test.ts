import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors';
import { compile } from '../../src/engine/compile';
import { valueAndGradients } from '../../src/ops/gradients';
import { taskMatMul } from '../../src/ops/task-mat-mul';
import { expectCompiled, normal, type Tensors } from '../helpers/compiled';
import { runtimes } from '../helpers/lowered';

beforeAll(() => tf.setBackend('cpu')); // has every type

/** x and y of floats, n and m of whole numbers, p and q of truths. */
type Operation = (given: Readonly<Record<'x' | 'y' | 'n' | 'm' | 'p' | 'q', tf.Tensor>>) => tf.Tensor;

const given = (): Tensors => ({
  x: normal('x', [2, 3]),
  y: normal('y', [2, 3]),
  n: tf.tensor([-7, 0, 7, 2, 3, -8], [2, 3], 'int32'),
  m: tf.tensor([3, 1, -2, 2, -3, 3], [2, 3], 'int32'),
  p: tf.tensor([1, 0, 1, 0, 1, 1], [2, 3], 'bool'),
  q: tf.tensor([1, 1, 0, 0, 1, 0], [2, 3], 'bool'),
});

/** Gradients of floats through what has none. */
const slopes = (x: tf.Tensor, loss: (x: tf.Tensor) => tf.Tensor) => valueAndGradients(({ x }) => tf.sum<tf.Scalar>(loss(x!)), { x }).gradients['x']!;

const compiled: Readonly<Record<string, Operation>> = {
  'two masks multiplied': ({ p, q }) => tf.mul(p, q),
  'two masks multiplied with a number': ({ x, p, q }) => tf.mul(x, tf.mul(p, q)),
  'two masks multiplied, counted': ({ p, q }) => tf.sum(tf.mul(p, q), 0),
  'two masks multiplied, averaged': ({ x, y }) => tf.mean(tf.mul(tf.greater(x, 0), tf.less(y, 1))),
  'a column of truths times a row': ({ p, q }) => tf.mul(tf.reshape(p, [6, 1]), tf.reshape(q, [1, 6])),
  'a mask squared': ({ p }) => tf.square(p),
  'a mask times truths alone': ({ p }) => tf.mul(p, tf.onesLike(p)),
  'a mask times whole numbers': ({ p, n }) => tf.mul(p, n),
  'a mask plus floats': ({ p, x }) => tf.add(p, x),
  'masks chosen by a mask': ({ p, q, x }) => tf.where(tf.greater(x, 0), p, q),
  'the largest and the smallest of truths': ({ p, q }) => tf.stack([tf.max(p, 0), tf.min(q, 0)]),
  'the largest of truths over an axis of 1': ({ p }) => tf.max(tf.reshape(p, [2, 1, 3]), 1),
  'truths summed up one after another': ({ p }) => tf.cumsum(p, 1),
  'the exponential of truths': ({ p }) => tf.exp(p),
  'whole numbers negated': ({ n }) => tf.neg(n),
  'whole numbers negated twice': ({ n }) => tf.neg(tf.neg(n)),
  'whole numbers negated, then added and subtracted': ({ n, m }) => tf.sub(tf.add(n, tf.neg(m)), tf.neg(n)),
  'a count negated, added to floats': ({ x }) => tf.add(x, tf.neg(tf.sum(tf.cast(tf.greater(x, 0), 'int32'), 1, true))),
  'nothing minus whole numbers': ({ n }) => tf.sub(tf.zerosLike(n), n),
  'minus one times whole numbers, added': ({ n, m }) => tf.add(n, tf.mul(m, tf.scalar(-1, 'int32'))),
  'whole numbers rounded': ({ n }) => tf.round(n),
  'whole numbers rounded, of floats': ({ x }) => tf.add(x, tf.relu(tf.round(tf.cast(tf.mul(x, 3), 'int32')))),
  'whole numbers clipped': ({ n }) => tf.clipByValue(n, -2.5, 2.5),
  'whole numbers clipped on one side': ({ n }) => tf.add(tf.clipByValue(n, 1, Infinity), tf.clipByValue(n, -Infinity, 1)),
  'the exponential of whole numbers': ({ m }) => tf.exp(m),
  'the exponential of constant whole numbers': ({ m }) => tf.add(tf.exp(tf.onesLike(m)), m),
  'the softmax of whole numbers': ({ m }) => tf.logSoftmax(m),
  'leakyRelu and prelu of whole numbers': ({ n, m }) => tf.add(tf.leakyRelu(n, 0.3), tf.prelu(n, m)),
  'a product of matrices of whole numbers': ({ n, m }) => tf.matMul(n, m, true),
  'an outer product of whole numbers': ({ n, m }) => tf.matMul(tf.reshape(n, [6, 1]), tf.reshape(m, [1, 6])),
  'an outer product of whole numbers for each task': ({ n, m }) => taskMatMul(tf.reshape(n, [2, 3, 1]), tf.reshape(m, [2, 1, 3])),
  'whole numbers of a task times floats': ({ n, x }) => taskMatMul(tf.reshape(n, [2, 1, 3]), tf.reshape(x, [1, 3, 2])),
  'the slopes of a masked sum': ({ x }) => slopes(x, (x) => tf.mul(tf.square(x), tf.mul(tf.greater(x, -1), tf.less(x, 1)))),
  'the slopes of a sum with a negated count': ({ x }) => slopes(x, (x) => tf.mul(tf.square(x), tf.neg(tf.sum(tf.cast(tf.greater(x, 0), 'int32'))))),
};

describe.each(runtimes)('whole numbers and truths on %s: compiled as eager', (runtime) =>
  test.each(Object.entries(compiled))('%s', (_name, operation) => expectCompiled((tensors) => ({ made: operation(tensors) }), given(), { runtime })),
);

/** The back-ends of TensorFlow.js give true + true as 2 or as 1, and asin of whole numbers cut off or at random. */
const refused: readonly (readonly [name: string, operation: Operation, message: string])[] = [
  ['a sum of truths', ({ p, q }) => tf.add(p, q), 'compile: Add: expected float32 or int32, got bool, of which'],
  ['a sum of a list of truths', ({ p, q }) => tf.addN([p, q]), 'Add: expected float32 or int32, got bool'],
  ['a difference of truths', ({ p, q }) => tf.sub(p, q), 'Sub: expected float32 or int32, got bool'],
  ['a quotient of truths', ({ p, q }) => tf.div(p, q), 'RealDiv: expected float32 or int32, got bool'],
  ['truths negated', ({ p }) => tf.neg(p), 'Neg: expected float32 or int32, got bool'],
  ['truths rounded', ({ p }) => tf.round(p), 'Round: expected float32, got bool'],
  ['a product of matrices of truths', ({ p, q }) => tf.matMul(p, q, true), 'BatchMatMul: expected float32 or int32, got bool'],
  ['an arc sine of whole numbers', ({ n }) => tf.asin(n), 'compile: Asin: expected float32, got int32, of which the back-ends of TensorFlow.js make different things; cast it to float32.'],
  ['an angle of whole numbers', ({ n, m }) => tf.atan2(n, m), 'Atan2: expected float32, got int32'],
  ['the largest of windows of whole numbers', ({ n }) => tf.maxPool(tf.reshape<tf.Rank.R4>(n, [1, 2, 3, 1]), 2, 1, 'same'), 'MaxPool: expected float32, got int32'],
  ['batch norm of whole numbers', ({ n }) => tf.batchNorm(n, tf.zeros([3]), tf.ones([3])), 'FusedBatchNorm: expected float32, got int32'],
];

test.each(refused)('%s: refused, to be run uncompiled', async (_name, operation, message) => {
  const tensors = given();
  const function_ = compile((each: Tensors) => operation(each as Parameters<Operation>[0]), { runtime: 'onnxruntime-node' });
  await expect(function_.run(tensors)).rejects.toThrow(message);
  await expect(function_.run(tensors)).rejects.toThrow(EngineError);
  await function_.dispose();
  tf.dispose(tensors);
});
