import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import type { Attributes } from '../../src/graph/graph';
import { expectAgreement } from '../helpers/lowered';

beforeAll(() => tf.setBackend('cpu'));

const signed = () => tf.tensor([-3.7, -1.5, -0.5, -1e-4, -1e-7, 0, 1e-7, 1e-4, 0.5, 1.5, 2.5, 9]);
const unit = () => tf.tensor([-0.99, -0.5, -1e-3, 0, 1e-3, 0.3, 0.99]);
const positive = () => tf.tensor([1e-6, 0.1, 0.5, 1, 2, 7.5, 30, 1e4]);
const aboveOne = () => tf.tensor([1, 1.5, 2, 10, 100]);

type Unary = readonly [kernel: string, input: () => tf.Tensor, compute: (x: tf.Tensor) => tf.Tensor, attributes?: Attributes];

/** Near 0 these are right to 1e-7 of 1 only: onnxruntime's Selu, TensorFlow.js's Erf. */
const coarse = ['Selu', 'Erf'];

function testUnary(cases: readonly Unary[]): void {
  for (const [kernel, input, compute, attributes = {}] of cases)
    test(`${kernel} ${JSON.stringify(attributes)}`, () =>
      expectAgreement(kernel, attributes, [input()], compute, coarse.includes(kernel) ? 'largest' : 'value'));
}

const unary: readonly Unary[] = [
  ['Abs', signed, (x) => tf.abs(x)],
  ['Neg', signed, (x) => tf.neg(x)],
  ['Exp', signed, (x) => tf.exp(x)],
  ['Log', positive, (x) => tf.log(x)],
  ['Log1p', () => tf.tensor([-Infinity, -2, -1, -0.9, -1e-3, -1e-6, -1e-9, 0, 1e-20, 1e-9, 1e-6, 1e-3, 1, 100, 1e6, 1e30, Infinity]), (x) => tf.log1p(x)],
  ['Expm1', () => tf.tensor([-100, -20, -3, -0.1, -1e-3, -1e-6, -1e-9, 0, 1e-20, 1e-9, 1e-6, 1e-3, 0.1, 3, 20, 80]), (x) => tf.expm1(x)],
  ['Sqrt', positive, (x) => tf.sqrt(x)],
  ['Rsqrt', positive, (x) => tf.rsqrt(x)],
  ['Relu', signed, (x) => tf.relu(x)],
  ['Relu6', signed, (x) => tf.relu6(x)],
  ['Sigmoid', () => tf.tensor([-80, -30, -15, -1, 0, 1e-3, 1, 15, 30, 100]), (x) => tf.sigmoid(x)],
  ['Tanh', signed, (x) => tf.tanh(x)],
  ['Softplus', signed, (x) => tf.softplus(x)],
  ['Elu', () => tf.tensor([-Infinity, -100, -1, -0.1, -1e-4, -1e-8, 0, 1e-8, 1, 100, Infinity]), (x) => tf.elu(x)],
  ['Selu', signed, (x) => tf.selu(x)],
  ['Sin', signed, (x) => tf.sin(x)],
  ['Cos', signed, (x) => tf.cos(x)],
  ['Tan', signed, (x) => tf.tan(x)],
  ['Asin', unit, (x) => tf.asin(x)],
  ['Acos', unit, (x) => tf.acos(x)],
  ['Atan', signed, (x) => tf.atan(x)],
  ['Sinh', signed, (x) => tf.sinh(x)],
  ['Cosh', signed, (x) => tf.cosh(x)],
  ['Asinh', signed, (x) => tf.asinh(x)],
  ['Acosh', aboveOne, (x) => tf.acosh(x)],
  ['Atanh', unit, (x) => tf.atanh(x)],
  ['Step', signed, (x) => tf.step(x, 0), { alpha: 0 }],
  ['Step', signed, (x) => tf.step(x, -1), { alpha: -1 }],
  ['Sign', signed, (x) => tf.sign(x)],
  ['Floor', signed, (x) => tf.floor(x)],
  ['Ceil', signed, (x) => tf.ceil(x)],
  ['Round', signed, (x) => tf.round(x)],
  ['Reciprocal', positive, (x) => tf.reciprocal(x)],
  ['Erf', signed, (x) => tf.erf(x)],
  ['LeakyRelu', signed, (x) => tf.leakyRelu(x, 0.2), { alpha: 0.2 }],
  ['ClipByValue', signed, (x) => tf.clipByValue(x, -1, 2), { clipValueMin: -1, clipValueMax: 2 }],
  ['LogicalNot', () => tf.tensor([1, 0, 1], [3], 'bool'), (x) => tf.logicalNot(x)],
  ['IsNan', () => tf.tensor([NaN, Infinity, -Infinity, 0, 3]), (x) => tf.isNaN(x)],
  ['IsInf', () => tf.tensor([NaN, Infinity, -Infinity, 0, 3]), (x) => tf.isInf(x)],
  ['IsFinite', () => tf.tensor([NaN, Infinity, -Infinity, 0, 3]), (x) => tf.isFinite(x)],
];

describe('kernels of one tensor', () => testUnary(unary));

const integers = () => tf.tensor([-7, -4, -1, 0, 3, 8], [6], 'int32');

describe('kernels of one tensor of whole numbers', () =>
  testUnary([
    ['Abs', integers, (x) => tf.abs(x)],
    ['Neg', integers, (x) => tf.neg(x)],
    ['Sign', integers, (x) => tf.sign(x)],
    ['Relu', integers, (x) => tf.relu(x)],
    ['ClipByValue', integers, (x) => tf.clipByValue(x, -2, 5), { clipValueMin: -2, clipValueMax: 5 }],
  ]));

describe('a value that is not a number stays one', () =>
  testUnary([
    ['Relu', () => tf.tensor([NaN, 1]), (x) => tf.relu(x)],
    ['ClipByValue', () => tf.tensor([NaN, 1]), (x) => tf.clipByValue(x, -2, 5), { clipValueMin: -2, clipValueMax: 5 }],
    ['Exp', () => tf.tensor([NaN, 1]), (x) => tf.exp(x)],
    ['Tanh', () => tf.tensor([NaN, 1]), (x) => tf.tanh(x)],
    ['Sigmoid', () => tf.tensor([NaN, 1]), (x) => tf.sigmoid(x)],
    ['Softplus', () => tf.tensor([NaN, 1]), (x) => tf.softplus(x)],
    ['Expm1', () => tf.tensor([NaN, 1]), (x) => tf.expm1(x)],
    ['Log1p', () => tf.tensor([NaN, 1]), (x) => tf.log1p(x)],
    ['Elu', () => tf.tensor([NaN, 1]), (x) => tf.elu(x)],
    ['LeakyRelu', () => tf.tensor([NaN, 1]), (x) => tf.leakyRelu(x, 0.2), { alpha: 0.2 }],
  ]));

type Binary = readonly [kernel: string, a: () => tf.Tensor, b: () => tf.Tensor, compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor];

const wide = () => tf.tensor([-5.5, -2, 0, 1, 2, 5.5], [2, 1, 3]);
const tall = () => tf.tensor([-2, 1, 2.5, 3], [4, 1]);
const whole = () => tf.tensor([-7, 0, 7, 2, 3, -8], [2, 1, 3], 'int32');
const divisors = () => tf.tensor([-2, 1, 3], [3, 1], 'int32');
const yes = () => tf.tensor([1, 0, 1, 0], [2, 2], 'bool');
const no = () => tf.tensor([1, 0], [2], 'bool');

describe('kernels of two tensors', () =>
  test.each<Binary>([
    ['Add', wide, tall, (a, b) => tf.add(a, b)],
    ['Sub', wide, tall, (a, b) => tf.sub(a, b)],
    ['Multiply', wide, tall, (a, b) => tf.mul(a, b)],
    ['RealDiv', wide, tall, (a, b) => tf.div(a, b)],
    ['Maximum', wide, tall, (a, b) => tf.maximum(a, b)],
    ['Minimum', wide, tall, (a, b) => tf.minimum(a, b)],
    ['Maximum', () => tf.tensor([NaN, 1]), () => tf.tensor([0, NaN]), (a, b) => tf.maximum(a, b)],
    ['Pow', () => tf.tensor([0, 0.5, 2, 3]), tall, (a, b) => tf.pow(a, b)],
    ['Pow', wide, () => tf.scalar(3), (a, b) => tf.pow(a, b)],
    ['FloorDiv', wide, tall, (a, b) => tf.floorDiv(a, b)],
    ['Mod', wide, tall, (a, b) => tf.mod(a, b)],
    ['Atan2', wide, () => tf.tensor([-3, 0, 0.5, 2], [4, 1]), (a, b) => tf.atan2(a, b)],
    ['Prelu', wide, () => tf.tensor([0.1, 0.2, 0.3]), (a, b) => tf.prelu(a, b)],
    ['Equal', wide, tall, (a, b) => tf.equal(a, b)],
    ['NotEqual', wide, tall, (a, b) => tf.notEqual(a, b)],
    ['NotEqual', () => tf.scalar(NaN), () => tf.scalar(NaN), (a, b) => tf.notEqual(a, b)],
    ['Greater', wide, tall, (a, b) => tf.greater(a, b)],
    ['GreaterEqual', wide, tall, (a, b) => tf.greaterEqual(a, b)],
    ['GreaterEqual', () => tf.scalar(NaN), () => tf.scalar(1), (a, b) => tf.greaterEqual(a, b)],
    ['Less', wide, tall, (a, b) => tf.less(a, b)],
    ['LessEqual', wide, tall, (a, b) => tf.lessEqual(a, b)],
  ])('%s', (kernel, a, b, compute) => expectAgreement(kernel, {}, [a(), b()], compute)));

describe('kernels of two tensors of whole numbers or booleans', () =>
  test.each<Binary>([
    ['Add', whole, divisors, (a, b) => tf.add(a, b)],
    ['Sub', whole, divisors, (a, b) => tf.sub(a, b)],
    ['Multiply', whole, divisors, (a, b) => tf.mul(a, b)],
    ['Maximum', whole, divisors, (a, b) => tf.maximum(a, b)],
    ['Minimum', whole, divisors, (a, b) => tf.minimum(a, b)],
    ['FloorDiv', whole, divisors, (a, b) => tf.floorDiv(a, b)],
    ['Mod', whole, divisors, (a, b) => tf.mod(a, b)],
    ['Less', whole, divisors, (a, b) => tf.less(a, b)],
    ['Equal', whole, divisors, (a, b) => tf.equal(a, b)],
    ['LogicalAnd', yes, no, (a, b) => tf.logicalAnd(a, b)],
    ['LogicalOr', yes, no, (a, b) => tf.logicalOr(a, b)],
    ['Equal', yes, no, (a, b) => tf.equal(a, b)],
    ['Greater', yes, no, (a, b) => tf.greater(a, b)],
    ['Multiply', whole, () => tf.tensor([1, 0, 1], [3], 'bool'), (a, b) => tf.mul(a, b)],
  ])('%s', (kernel, a, b, compute) => expectAgreement(kernel, {}, [a(), b()], compute)));
