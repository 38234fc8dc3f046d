import type { GemmAttributes } from '../graph/fuse-products';
import type { GraphNode } from '../graph/graph';
import { castInputs } from './lower-emitter';
import type { Emitter, Lowerings } from './lower-emitter';

/** Kernels of linear algebra. */
export const matrixLowerings: Lowerings = {
  BatchMatMul(node, inputs, onnx) {
    const { transposeA = false, transposeB = false, alpha = 1 } = node.attributes as { transposeA?: boolean; transposeB?: boolean; alpha?: number };
    const factors = castInputs(node, inputs, onnx);
    if (!transposeA && !transposeB && alpha === 1) return onnx.emit('MatMul', factors);
    if (onnx.operators === 'standard') {
      const turned = factors.map((factor, index) => ([transposeA, transposeB][index] ? transpose(factor, node.inputs[index]!.shape.length, onnx) : factor));
      const product = onnx.emit('MatMul', turned);
      return alpha === 1 ? product : onnx.emit('Mul', [product, onnx.scalar(alpha)]);
    }
    const how = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } };
    return onnx.emit('FusedMatMul', factors, how, 'com.microsoft');
  },
  Gemm(node, inputs, onnx) {
    const { transposeA, transposeB, alpha, beta, activation } = node.attributes as unknown as GemmAttributes;
    const how = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha }, beta: { float: beta } };
    return activation ? onnx.emit('FusedGemm', inputs, { ...how, activation }, 'com.microsoft') : onnx.emit('Gemm', inputs, how);
  },
  SolveSymmetric: solve,
};

function transpose(matrices: string, rank: number, onnx: Emitter): string {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return onnx.emit('Transpose', [matrices], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] });
}

/**
 * x of a · x = b for each task, in double: Gauss-Jordan elimination of [a | b], a step for each row k. M becomes
 * M - (M[:, k] - e_k) M[k, :] / M[k, k]; needs no pivoting where a is positive definite. A pivot too small for that
 * makes the task's x NaN.
 */
function solve(node: GraphNode, [a, b]: readonly string[], onnx: Emitter): string {
  const [, size, columns] = node.shape as [number, number, number];
  const double = onnx.cast(a!, 'float32', 'float64');
  const twice = onnx.emit('Add', [double, onnx.emit('Transpose', [double], { perm: [0, 2, 1] })]);
  const symmetric = onnx.emit('Mul', [twice, onnx.scalar(0.5, 'float64')]);
  const identity = onnx.constant(identityMatrix(size), [1, size, size], 'float64');
  const diagonal = onnx.emit('ReduceSum', [onnx.emit('Mul', [symmetric, identity]), onnx.integers([2])], { keepdims: 1 });
  // As far as rounding of float32 goes, the same limit as solveSymmetric's.
  const limits = onnx.emit('Mul', [diagonal, onnx.scalar(2 ** -23, 'float64')]);
  const start = onnx.emit('Concat', [symmetric, onnx.cast(b!, 'float32', 'float64')], { axis: 2 });
  const body = { graph: eliminateOneRow(node, identity, limits, onnx) };
  const eliminated = onnx.emit('Loop', [onnx.scalar(size, 'int64'), '', start], { body });
  const solution = onnx.emit('Slice', [eliminated, onnx.integers([size]), onnx.integers([size + columns]), onnx.integers([2])]);
  return onnx.cast(solution, 'float64', 'float32');
}

function eliminateOneRow({ shape }: GraphNode, identity: string, limits: string, outer: Emitter) {
  const [tasks, size, columns] = shape as [number, number, number];
  const onnx = outer.inner();
  const [iteration, going, matrix] = [outer.name(), outer.name(), outer.name()];
  const k = onnx.reshape(iteration, [1]);
  const row = onnx.emit('Gather', [matrix, k], { axis: 1 });
  const column = onnx.emit('Gather', [matrix, k], { axis: 2 });
  const pivot = onnx.emit('Gather', [row, k], { axis: 2 });
  const large = onnx.emit('Greater', [pivot, onnx.emit('Gather', [limits, k], { axis: 1 })]);
  const divisor = onnx.emit('Where', [large, pivot, onnx.scalar(NaN, 'float64')]);
  const others = onnx.emit('Sub', [column, onnx.emit('Gather', [identity, k], { axis: 2 })]);
  const change = onnx.emit('Mul', [others, onnx.emit('Div', [row, divisor])]);
  const next = onnx.emit('Sub', [matrix, change]);
  const goOn = onnx.emit('Identity', [going]);

  const matrixShape = [tasks, size, size + columns];
  return {
    nodes: onnx.nodes,
    initializers: [],
    inputs: [
      { name: iteration, dtype: 'int64', shape: [] },
      { name: going, dtype: 'bool', shape: [] },
      { name: matrix, dtype: 'float64', shape: matrixShape },
    ],
    outputs: [
      { name: goOn, dtype: 'bool', shape: [] },
      { name: next, dtype: 'float64', shape: matrixShape },
    ],
  } as const;
}

function identityMatrix(size: number): readonly number[] {
  return Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0));
}
