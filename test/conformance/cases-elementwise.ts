import * as tf from '@tensorflow/tfjs';
import { runKernel } from '../../src/ops/replace-gradient';
import { between, whole, type Case, type Given, type Operation } from '../helpers/compiled';

const shape = [3, 4] as const;
const positive = between(0.3, 2, shape);
const inside = between(-0.8, 0.8, shape);

/** Functions of one tensor: what, where it is defined, and how it may be differentiated. */
const functions: readonly (readonly [compute: Operation, given?: Given, how?: Pick<Case, 'order' | 'isSmooth'>])[] = [
  [tf.abs, shape, { isSmooth: false }],
  [tf.acos, inside],
  [tf.acosh, between(1.5, 3, shape)],
  [tf.asin, inside],
  [tf.asinh],
  [tf.atan],
  [tf.atanh, inside],
  [tf.ceil, shape, { isSmooth: false }],
  [tf.cos],
  [tf.cosh],
  [tf.elu, shape, { isSmooth: false }],
  [tf.erf],
  [tf.exp],
  [tf.expm1],
  [tf.floor, shape, { isSmooth: false }],
  [tf.log, positive],
  [tf.log1p, positive],
  [tf.neg],
  [tf.reciprocal, positive],
  [tf.relu, shape, { isSmooth: false }],
  [tf.relu6, between(-9, 9, shape), { isSmooth: false }],
  [tf.round, shape, { isSmooth: false }],
  [tf.rsqrt, positive],
  [tf.selu, shape, { isSmooth: false }],
  [tf.sigmoid],
  [tf.sign, shape, { isSmooth: false }],
  [tf.sin],
  [tf.sinh],
  [tf.softplus],
  [tf.sqrt, positive],
  [tf.square],
  [tf.tan, inside],
  [tf.tanh],
  [tf.isNaN, shape, { order: 0 }],
  [tf.isInf, shape, { order: 0 }],
  [tf.isFinite, shape, { order: 0 }],
  [tf.zerosLike, shape, { isSmooth: false }],
  [tf.onesLike, shape, { isSmooth: false }],
];

const pairs: readonly (readonly [compute: Operation, how?: Pick<Case, 'order' | 'isSmooth'>])[] = [
  [tf.add], [tf.sub], [tf.mul], [tf.div], [tf.pow], [tf.squaredDifference], [tf.atan2],
  [tf.maximum, { isSmooth: false }],
  [tf.minimum, { isSmooth: false }],
  [(a, b) => tf.cast(tf.floorDiv(a, b), 'float32'), { order: 0 }], // back-ends disagree about its type
  [tf.mod, { order: 0 }],
  [tf.equal, { order: 0 }], [tf.notEqual, { order: 0 }], [tf.greater, { order: 0 }], [tf.greaterEqual, { order: 0 }],
  [tf.less, { order: 0 }], [tf.lessEqual, { order: 0 }],
];

/** How the two operands of a pair relate. */
const shapes: readonly (readonly [left: readonly number[], right: readonly number[]])[] = [
  [[3, 4], [3, 4]], [[3, 4], []], [[], [4]], [[3, 4], [4]], [[3, 1], [1, 4]], [[2, 3, 4], [2, 1, 4]],
];

export const elementwiseCases: readonly Case[] = [
  ...functions.map(([compute, given = shape, how = {}]) => ({ name: nameOf(compute), inputs: [given], compute: (x: tf.Tensor) => compute(x), ...how })),
  ...pairs.flatMap(([compute, how = {}]) =>
    shapes.map(([left, right]) => ({
      name: `${nameOf(compute)} of [${left.join()}] and [${right.join()}]`,
      inputs: [between(0.3, 2, left), between(0.4, 1.9, right)],
      compute,
      ...how,
    })),
  ),
  { name: 'whole numbers that are equal', inputs: [whole(3, [20]), whole(3, [20])], compute: (a, b) => tf.equal(a, b), order: 0 },
  { name: 'floorDiv and mod of negative whole numbers', inputs: [whole(9, [20])], compute: (x) => tf.add(tf.mod(tf.sub(x, 4), 3), tf.floorDiv(tf.sub(x, 4), tf.scalar(3, 'int32'))), order: 0 },
  { name: 'the fourth power of whole numbers', inputs: [whole(5, [6])], compute: (x) => tf.pow(x, tf.scalar(4, 'int32')), order: 0 },
  { name: 'logicalAnd, logicalOr, logicalNot', inputs: [[8], [8]], compute: (a, b) => tf.logicalOr(tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)), tf.logicalNot(tf.less(a, b))), order: 0 },
  { name: 'logicalXor', inputs: [[8], [8]], compute: (a, b) => tf.logicalXor(tf.greater(a, 0), tf.greater(b, 0)), order: 0 },
  { name: 'leakyRelu', inputs: [shape], compute: (x) => tf.leakyRelu(x, 0.3), isSmooth: false },
  { name: 'prelu', inputs: [shape, [4]], compute: (x, alpha) => tf.prelu(x, alpha), isSmooth: false },
  { name: 'step with a slope', inputs: [shape], compute: (x) => tf.step(x, 0.3), isSmooth: false },
  { name: 'clipByValue', inputs: [shape], compute: (x) => tf.clipByValue(x, -0.5, 0.7), isSmooth: false },
  { name: 'addN', inputs: [shape, shape, shape], compute: (...parts) => tf.addN(parts) },
  { name: 'where', inputs: [shape, shape], compute: (a, b) => tf.where(tf.greater(a, b), tf.sin(a), tf.square(b)), isSmooth: false },
  { name: 'EluGrad', inputs: [shape, shape], compute: (dy, y) => runKernel('EluGrad', { dy, y }, {}), order: 0 },
  { name: 'a cast to whole numbers and back', inputs: [between(-3, 3, shape)], compute: (x) => tf.cast(tf.cast(x, 'int32'), 'float32'), order: 0 },
  { name: 'a cast to booleans', inputs: [whole(2, shape)], compute: (x) => tf.cast(x, 'bool'), order: 0 },
  { name: 'a cast of a comparison', inputs: [shape], compute: (x) => tf.mul(x, tf.cast(tf.greater(x, 0.2), 'float32')), isSmooth: false },
  { name: 'whole numbers times floats', inputs: [whole(4, [4]), shape], compute: (n, x) => tf.mul(tf.cast(n, 'float32'), x) },
  { name: 'sums of booleans', inputs: [shape], compute: (x) => tf.sum(tf.greater(x, 0), 1), order: 0 },
  { name: 'swish', inputs: [shape], compute: (x) => tf.mul(x, tf.sigmoid(x)) },
];

function nameOf(compute: Operation): string {
  return compute.name.replace(/__op$/, '') || String(compute);
}
