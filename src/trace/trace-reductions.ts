import * as tf from '@tensorflow/tfjs';
import type { GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import { expectType, numbers } from './expect-type';
import type { TraceKernel, TraceKernels } from './trace-kernels';

/** Kernels that sum over an axis, and products of matrices. */
export const reductionKernels: TraceKernels = {
  ...Object.fromEntries(['Sum', 'Max', 'Min', 'Prod', 'All', 'Any'].map((name) => [name, reduction(name)])),
  Mean: ({ x }, attributes, ops) => reduction('Mean')({ x: ops.cast(x!, 'float32') }, attributes, ops),
  ArgMax: ({ x }, { axis }, ops) => argument('ArgMax', x!, axis as number, ops),
  ArgMin: ({ x }, { axis }, ops) => argument('ArgMin', x!, axis as number, ops),
  Softmax: ({ logits }, { dim }, ops) => ops.unary('Softmax', logits!, { axis: axesOf(logits!, dim)[0] }),
  Cumsum: ({ x }, { axis, exclusive, reverse }, ops) =>
    ops.unary('Cumsum', x!.dtype === 'bool' ? ops.cast(x!, 'int32') : x!, { axis: axesOf(x!, axis)[0], exclusive: Boolean(exclusive), reverse: Boolean(reverse) }),
  BatchMatMul: ({ a, b }, { transposeA, transposeB }, ops) => matMul(a!, b!, Boolean(transposeA), Boolean(transposeB), ops),
  _FusedMatMul({ a, b, bias, preluActivationWeights }, { transposeA, transposeB, activation, leakyreluAlpha }, ops) {
    const product = matMul(a!, b!, Boolean(transposeA), Boolean(transposeB), ops);
    return activate(bias ? ops.binary('Add', product, bias) : product, { activation, leakyreluAlpha }, preluActivationWeights, ops);
  },
  HypermetaTaskMatMul: ({ a, b }, { turnA, turnB }, ops) => matMul(a!, b!, Boolean(turnA), Boolean(turnB), ops),
  HypermetaSolveSymmetric: ({ a, b }, _attributes, ops) => ops.node('SolveSymmetric', [a!, b!], {}, b!.shape),
  FusedBatchNorm({ x, mean, variance, scale, offset }, { varianceEpsilon }, ops) {
    expectType('FusedBatchNorm', x!, ['float32']);
    const root = ops.unary('Rsqrt', ops.binary('Add', variance!, ops.constant(varianceEpsilon as number, [])));
    const factor = scale ? ops.binary('Multiply', root, scale) : root;
    const standard = ops.binary('Multiply', ops.binary('Sub', x!, mean!), factor);
    return offset ? ops.binary('Add', standard, offset) : standard;
  },
};

/** tfjs leaves it to its kernels to see whether the two fit. @throws much as they do */
function matMul(a: GraphNode, b: GraphNode, transposeA: boolean, transposeB: boolean, ops: GraphOps): GraphNode {
  const [columns, rows] = [a.shape.at(transposeA ? -2 : -1)!, b.shape.at(transposeB ? -1 : -2)!];
  if (columns !== rows) throw new Error(`Error in matMul: inner shapes (${columns}) and (${rows}) of Tensors with shapes ${a.shape.join()} and ${b.shape.join()} must match.`);
  tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  expectType('BatchMatMul', a, numbers);
  const product = ops.matMul(a, b, { transposeA, transposeB });
  return a.dtype === 'int32' && b.dtype === 'int32' ? ops.cast(product, 'int32') : product;
}

/** Of booleans: whether any is true, or all are. */
const ofBooleans: Readonly<Record<string, string>> = { Max: 'Any', Min: 'All' };

function reduction(name: string): TraceKernel {
  return ({ x }, { axis, reductionIndices, keepDims }, ops) =>
    ops.reduce((x!.dtype === 'bool' && ofBooleans[name]) || name, x!, axesOf(x!, axis ?? reductionIndices), Boolean(keepDims));
}

function axesOf({ shape }: GraphNode, axes: unknown): number[] {
  return tf.util.parseAxisParam((axes ?? shape.map((_, axis) => axis)) as number | number[], [...shape]);
}

function argument(name: string, x: GraphNode, axis: number, ops: GraphOps): GraphNode {
  const [at] = axesOf(x, axis);
  return ops.node(name, [x], { axis: at }, x.shape.filter((_, each) => each !== at), 'int32');
}

/** The activation of a fused kernel of tfjs. */
export function activate(
  x: GraphNode,
  { activation, leakyreluAlpha }: Readonly<Record<string, unknown>>,
  slopes: GraphNode | undefined,
  ops: GraphOps,
): GraphNode {
  if (!activation || activation === 'linear') return x;
  if (activation === 'prelu') return ops.binary('Prelu', x, slopes!);
  if (activation === 'leakyrelu') return ops.unary('LeakyRelu', x, { alpha: leakyreluAlpha });
  const name = activation as string;
  return ops.unary(name.charAt(0).toUpperCase() + name.slice(1), x); // relu, elu, relu6, sigmoid
}
