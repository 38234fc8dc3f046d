import { formatShape, sameShape, sizeOf, type Shape } from '../core/shape';
import type { DataType } from '../core/host-tensor';
import type { Attributes, GraphBuilder, GraphNode } from './graph';

/** A graph builder that works out the shapes of results. */
export interface GraphOps extends GraphBuilder {
  unary(kernel: string, x: GraphNode, attributes?: Attributes): GraphNode;
  /** Elementwise with broadcasting; float32 unless both are whole numbers. */
  binary(kernel: string, a: GraphNode, b: GraphNode): GraphNode;
  /** Elementwise with broadcasting, to booleans. */
  compare(kernel: string, a: GraphNode, b: GraphNode): GraphNode;
  cast(x: GraphNode, dtype: DataType): GraphNode;
  /** `whenTrue` where the condition holds, `whenFalse` elsewhere; all of one shape, or numbers. */
  select(condition: GraphNode, whenTrue: GraphNode, whenFalse: GraphNode): GraphNode;
  reshape(x: GraphNode, shape: Shape): GraphNode;
  broadcast(x: GraphNode, shape: Shape): GraphNode;
  transpose(x: GraphNode, perm: readonly number[]): GraphNode;
  slice(x: GraphNode, begin: readonly number[], size: readonly number[]): GraphNode;
  concat(parts: readonly GraphNode[], axis: number): GraphNode;
  reduce(kernel: string, x: GraphNode, axes: readonly number[], keepDims?: boolean): GraphNode;
  /** Batched product of matrices, times `alpha`; of floats. */
  matMul(a: GraphNode, b: GraphNode, how?: MatMulAttributes): GraphNode;
  /**
   * Rows of x `[T, R, C]`, or `[R, C]`, side by side: `index` int32 `[rows, taps]` → `[T, rows, taps · C]`. Index R is a row of `fill`.
   */
  windows(x: GraphNode, index: GraphNode, fill?: number): GraphNode;
}

export interface MatMulAttributes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly alpha?: number;
}

export function graphOps(builder: GraphBuilder): GraphOps {
  const { node } = builder;
  const ops: GraphOps = {
    ...builder,
    unary: (kernel, x, attributes = {}) => node(kernel, [x], attributes, x.shape, x.dtype),
    binary: (kernel, a, b) => node(kernel, [a, b], {}, broadcastShape(a.shape, b.shape), widest(a.dtype, b.dtype)),
    compare: (kernel, a, b) => node(kernel, [a, b], {}, broadcastShape(a.shape, b.shape), 'bool'),
    cast: (x, dtype) => (x.dtype === dtype ? x : node('Cast', [x], {}, x.shape, dtype)),
    select(condition, whenTrue, whenFalse) {
      const shape = [whenTrue, whenFalse].reduce((joined, { shape }) => broadcastShape(joined, shape), condition.shape);
      return node('Select', [condition, whenTrue, whenFalse], {}, shape, widest(whenTrue.dtype, whenFalse.dtype));
    },
    reshape(x, shape) {
      if (sameShape(x.shape, shape)) return x;
      if (sizeOf(x.shape) !== sizeOf(shape)) throw new Error(`Internal: ${x.kernel} ${formatShape(x.shape)} cannot be reshaped to ${formatShape(shape)}.`);
      return node('Reshape', [x], {}, shape, x.dtype);
    },
    broadcast: (x, shape) => (sameShape(x.shape, shape) ? x : node('BroadcastTo', [x], {}, shape, x.dtype)),
    transpose: (x, perm) => node('Transpose', [x], { perm: [...perm] }, perm.map((axis) => x.shape[axis]!), x.dtype),
    slice: (x, begin, size) => node('Slice', [x], { begin: [...begin], size: [...size] }, [...size], x.dtype),
    concat(parts, axis) {
      const total = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
      const { shape, dtype } = parts[0]!; // at least one
      return node('Concat', parts, { axis }, shape.map((size, at) => (at === axis ? total : size)), dtype);
    },
    reduce(kernel, x, axes, keepDims = false) {
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const shape = keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
      const dtype = kernel === 'All' || kernel === 'Any' ? 'bool' : x.dtype === 'bool' ? 'int32' : x.dtype;
      return node(kernel, [x], { axes: [...axes], keepDims }, shape, dtype);
    },
    matMul(a, b, { transposeA = false, transposeB = false, alpha = 1 } = {}) {
      const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
      const rows = a.shape.at(transposeA ? -1 : -2)!;
      const columns = b.shape.at(transposeB ? -2 : -1)!;
      return node('BatchMatMul', [ops.cast(a, 'float32'), ops.cast(b, 'float32')], { transposeA, transposeB, alpha }, [...batch, rows, columns]);
    },
    windows(x, index, fill = 0) {
      const [rows, taps] = index.shape as [number, number];
      return node('Windows', [x, index], { fill }, [...x.shape.slice(0, -2), rows, taps * x.shape.at(-1)!], x.dtype);
    },
  };
  return ops;
}

/** As NumPy broadcasts. The shapes fit: TensorFlow.js has checked them. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [a[a.length - rank + axis] ?? 1, b[b.length - rank + axis] ?? 1];
    return one === 1 ? other : one;
  });
}

/**
 * The shape of an operand that broadcasts, where the result of shape `whole` gains or loses axes of size 1; undefined where
 * it changes otherwise.
 */
export function alongside(operand: Shape, whole: Shape, target: Shape): Shape | undefined {
  if (operand.length === 0) return operand;
  const filled = (shape: Shape) => shape.filter((size) => size !== 1);
  if (!sameShape(filled(whole), filled(target))) return undefined;
  const missing = whole.length - operand.length;
  const sizes = whole.flatMap((size, axis) => (size === 1 ? [] : [operand[axis - missing] ?? 1]));
  let next = 0;
  return target.map((size) => (size === 1 ? 1 : sizes[next++]!));
}

/** Whether a tensor of one value. */
export function isScalar({ shape }: Pick<GraphNode, 'shape'>): boolean {
  return sizeOf(shape) === 1;
}

function widest(a: DataType, b: DataType): DataType {
  if (a === 'float32' || b === 'float32') return 'float32';
  return a === 'int32' || b === 'int32' ? 'int32' : 'bool';
}
