import * as tf from '@tensorflow/tfjs';
import type { DataType } from '../core/host-tensor';
import type { Attributes, GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import { expectType, numbers } from './expect-type';
import type { TraceKernel, TraceKernels } from './trace-kernels';

const arithmetic = ['Add', 'Sub', 'Maximum', 'Minimum', 'Pow', 'FloorDiv', 'Mod'];
const comparisons = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'];
const predicates = ['LogicalNot', 'IsNan', 'IsInf', 'IsFinite'];
/** Whole numbers of whole numbers. */
const functions = ['Abs', 'ClipByValue', 'Neg', 'Relu', 'Relu6', 'Sign', 'Step'];
const floatFunctions = [
  'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Expm1', 'Floor', 'Log', 'Log1p', 'Reciprocal', 'Rsqrt', 'Selu',
  'Sigmoid', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Tan', 'Tanh',
];
/** Floats of whatever they are given. */
const castingFunctions = ['Exp', 'LeakyRelu'];

const each = (names: readonly string[], make: (name: string) => TraceKernel): TraceKernels =>
  Object.fromEntries(names.map((name) => [name, make(name)]));

/** Kernels that compute each value on its own. */
export const elementwiseKernels: TraceKernels = {
  ...each(arithmetic, (name) => ({ a, b }, _attributes, ops) => binary(name, a!, b!, ops)),
  ...each(comparisons, (name) => ({ a, b }, _attributes, ops) => (expectFit(a!, b!), ops.compare(name, a!, b!))),
  ...each(predicates, (name) => ({ x }, _attributes, ops) => ops.node(name, [x!], {}, x!.shape, 'bool')),
  ...each(functions, (name) => ({ x }, attributes, ops) => unary(name, x!, attributes, numbers, ops)),
  ...each(floatFunctions, (name) => ({ x }, attributes, ops) => unary(name, x!, attributes, ['float32'], ops)),
  ...each(castingFunctions, (name) => ({ x }, attributes, ops) => ops.unary(name, ops.cast(x!, 'float32'), attributes)),
  Round: ({ x }, attributes, ops) => (x!.dtype === 'int32' ? x! : unary('Round', x!, attributes, ['float32'], ops)),
  Multiply: ({ a, b }, _attributes, ops) => multiply(a!, b!, ops),
  RealDiv({ a, b }, _attributes, ops) {
    expectType('RealDiv', a!, numbers);
    return binary('RealDiv', ops.cast(a!, 'float32'), ops.cast(b!, 'float32'), ops);
  },
  Atan2({ a, b }, _attributes, ops) {
    expectType('Atan2', a!, ['float32']);
    return binary('Atan2', a!, b!, ops);
  },
  Square: ({ x }, _attributes, ops) => multiply(x!, x!, ops),
  SquaredDifference({ a, b }, _attributes, ops) {
    const difference = binary('Sub', a!, b!, ops);
    return multiply(difference, difference, ops);
  },
  Prelu: ({ x, alpha }, _attributes, ops) => binary('Prelu', ops.cast(x!, 'float32'), ops.cast(alpha!, 'float32'), ops),
  Identity: ({ x }) => x!,
  Cast: ({ x }, { dtype }, ops) => ops.cast(x!, dtype as DataType),
  Select: ({ condition, t, e }, _attributes, ops) => ops.select(condition!, t!, e!),
  AddN: (inputs, _attributes, ops) => Object.values(inputs).reduce((sum, each) => binary('Add', sum, each, ops)),
  ZerosLike: ({ x }, _attributes, ops) => ops.constant(0, x!.shape, x!.dtype),
  OnesLike: ({ x }, _attributes, ops) => ops.constant(1, x!.shape, x!.dtype),
  EluGrad({ dy, y }, _attributes, ops) {
    const one = ops.constant(1, []);
    const slope = ops.select(ops.compare('Greater', y!, ops.constant(0, [])), one, ops.binary('Add', y!, one));
    return ops.binary('Multiply', dy!, slope);
  },
};

function unary(name: string, x: GraphNode, attributes: Attributes, types: readonly DataType[], ops: GraphOps): GraphNode {
  expectType(name, x, types);
  return ops.unary(name, x, attributes);
}

function binary(name: string, a: GraphNode, b: GraphNode, ops: GraphOps): GraphNode {
  expectFit(a, b);
  const made = ops.binary(name, a, b);
  expectType(name, made, numbers);
  return made;
}

/** Of two booleans: whether both are true. */
function multiply(a: GraphNode, b: GraphNode, ops: GraphOps): GraphNode {
  if (a.dtype !== 'bool' || b.dtype !== 'bool') return binary('Multiply', a, b, ops);
  expectFit(a, b);
  return ops.compare('LogicalAnd', a, b);
}

/** tfjs leaves this to its kernels. @throws what they throw */
function expectFit(a: GraphNode, b: GraphNode): void {
  tf.backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
}
