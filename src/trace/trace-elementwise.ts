import * as tf from '@tensorflow/tfjs';
import type { DataType } from '../core/host-tensor';
import type { GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import type { TraceKernel, TraceKernels } from './trace-kernels';

const arithmetic = ['Add', 'Sub', 'Multiply', 'Maximum', 'Minimum', 'Pow', 'FloorDiv', 'Mod', 'Atan2'];
const comparisons = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'];
const predicates = ['LogicalNot', 'IsNan', 'IsInf', 'IsFinite'];
const functions = [
  'Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'ClipByValue', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Expm1', 'Floor',
  'LeakyRelu', 'Log', 'Log1p', 'Neg', 'Reciprocal', 'Relu', 'Relu6', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh',
  'Softplus', 'Sqrt', 'Step', 'Tan', 'Tanh',
];

const each = (names: readonly string[], make: (name: string) => TraceKernel): TraceKernels =>
  Object.fromEntries(names.map((name) => [name, make(name)]));

/** Kernels that compute each value on its own. */
export const elementwiseKernels: TraceKernels = {
  ...each(arithmetic, (name) => ({ a, b }, _attributes, ops) => binary(name, a!, b!, ops)),
  ...each(comparisons, (name) => ({ a, b }, _attributes, ops) => (expectFit(a!, b!), ops.compare(name, a!, b!))),
  ...each(predicates, (name) => ({ x }, _attributes, ops) => ops.node(name, [x!], {}, x!.shape, 'bool')),
  ...each(functions, (name) => ({ x }, attributes, ops) => ops.unary(name, x!, attributes)),
  RealDiv: ({ a, b }, _attributes, ops) => binary('RealDiv', ops.cast(a!, 'float32'), ops.cast(b!, 'float32'), ops),
  Square: ({ x }, _attributes, ops) => ops.binary('Multiply', x!, x!),
  SquaredDifference({ a, b }, _attributes, ops) {
    const difference = binary('Sub', a!, b!, ops);
    return ops.binary('Multiply', difference, difference);
  },
  Prelu: ({ x, alpha }, _attributes, ops) => binary('Prelu', x!, alpha!, ops),
  Identity: ({ x }) => x!,
  Cast: ({ x }, { dtype }, ops) => ops.cast(x!, dtype as DataType),
  Select: ({ condition, t, e }, _attributes, ops) => ops.select(condition!, t!, e!),
  AddN: (inputs, _attributes, ops) => Object.values(inputs).reduce((sum, each) => ops.binary('Add', sum, each)),
  ZerosLike: ({ x }, _attributes, ops) => ops.constant(0, x!.shape, x!.dtype),
  OnesLike: ({ x }, _attributes, ops) => ops.constant(1, x!.shape, x!.dtype),
  EluGrad({ dy, y }, _attributes, ops) {
    const one = ops.constant(1, []);
    const slope = ops.select(ops.compare('Greater', y!, ops.constant(0, [])), one, ops.binary('Add', y!, one));
    return ops.binary('Multiply', dy!, slope);
  },
};

function binary(name: string, a: GraphNode, b: GraphNode, ops: GraphOps): GraphNode {
  expectFit(a, b);
  return ops.binary(name, a, b);
}

/** tfjs leaves this to its kernels. @throws what they throw */
function expectFit(a: GraphNode, b: GraphNode): void {
  tf.backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
}
