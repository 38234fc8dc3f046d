import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { DataType, HostValues } from '../core/host-tensor';
import { toValues, type GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import type { TraceKernels } from './trace-kernels';

/** Kernels that move values about, or make them from nothing. */
export const layoutKernels: TraceKernels = {
  Reshape: ({ x }, { shape }, ops) => ops.reshape(x!, tf.util.inferFromImplicitShape(shape as number[], sizeOf(x!.shape))),
  ExpandDims({ input }, { dim }, ops) {
    const axis = (dim as number) < 0 ? input!.shape.length + (dim as number) + 1 : (dim as number);
    return ops.reshape(input!, [...input!.shape.slice(0, axis), 1, ...input!.shape.slice(axis)]);
  },
  Transpose: ({ x }, { perm }, ops) => ops.transpose(x!, perm as number[]),
  Tile: ({ x }, { reps }, ops) => tile(x!, reps as number[], ops),
  BroadcastTo: ({ x }, { shape }, ops) => ops.broadcast(x!, shape as number[]),
  Slice({ x }, { begin, size }, ops) {
    const [from, kept] = tf.slice_util.parseSliceParams(asTensor(x!), begin as number[], size as number[]);
    tf.slice_util.assertParamsValid(asTensor(x!), from!, kept!); // tfjs leaves this to its kernels, here and in a concat
    return ops.slice(x!, from!, kept!); // two lists
  },
  StridedSlice({ x }, attributes, ops) {
    const a = attributes as unknown as StridedSliceAttributes;
    const { finalShape, begin, end, strides } = tf.slice_util.sliceInfo(
      [...x!.shape], a.begin, a.end, a.strides, a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask,
    );
    const shape = tf.slice_util.computeOutShape(begin, end, strides);
    return ops.reshape(ops.node('StridedSlice', [x!], { begin, end, strides }, shape, x!.dtype), finalShape);
  },
  Concat(inputs, { axis }, ops) {
    const parts = Object.values(inputs); // at least one
    const at = tf.util.parseAxisParam(axis as number, [...parts[0]!.shape])[0]!;
    tf.backend_util.assertParamsConsistent(parts.map(({ shape }) => [...shape]), at);
    return ops.concat(parts, at);
  },
  Pack(inputs, { axis }, ops) {
    const { shape } = inputs['0']!; // at least one
    const at = (axis as number) < 0 ? shape.length + (axis as number) + 1 : (axis as number);
    const apart = [...shape.slice(0, at), 1, ...shape.slice(at)];
    return ops.concat(Object.values(inputs).map((part) => ops.reshape(part, apart)), at);
  },
  Unpack({ value }, { axis }, ops) {
    const at = tf.util.parseAxisParam(axis as number, [...value!.shape])[0]!;
    const shape = value!.shape.filter((_, each) => each !== at);
    return cut(value!, at, Array.from({ length: value!.shape[at]! }, () => 1), ops).map((part) => ops.reshape(part, shape));
  },
  SplitV({ x }, { numOrSizeSplits, axis }, ops) {
    const at = tf.util.parseAxisParam(axis as number, [...x!.shape])[0]!;
    return cut(x!, at, tf.backend_util.prepareSplitSize(asTensor(x!), numOrSizeSplits as number[], at), ops);
  },
  PadV2({ x }, { paddings, constantValue }, ops) {
    const margins = paddings as readonly [number, number][];
    const shape = x!.shape.map((size, axis) => size + margins[axis]![0] + margins[axis]![1]);
    return ops.node('PadV2', [x!], { paddings: margins, constantValue: (constantValue) ?? 0 }, shape, x!.dtype);
  },
  Reverse: ({ x }, { dims }, ops) => ops.unary('Reverse', x!, { dims: tf.util.parseAxisParam(dims as number[], [...x!.shape]) }),
  GatherV2({ x, indices }, { axis, batchDims }, ops) {
    if (batchDims) throw new EngineError(`compile: expected a gather without batchDims, got ${batchDims as number}; use tf.oneHot and tf.matMul.`);
    const at = tf.util.parseAxisParam(axis as number, [...x!.shape])[0]!;
    const shape = [...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)];
    return ops.node('GatherV2', [x!, ops.cast(indices!, 'int32')], { axis: at }, shape, x!.dtype);
  },
  UnsortedSegmentSum({ x, segmentIds }, { numSegments }, ops) {
    const [count, ...rest] = x!.shape as [number, ...number[]];
    const members = oneHot(segmentIds!, numSegments as number, ops);
    const sums = ops.matMul(members, ops.reshape(x!, [count, sizeOf(rest)]), { transposeA: true });
    return ops.reshape(sums, [numSegments as number, ...rest]);
  },
  OneHot({ indices }, { dtype, depth, onValue, offValue }, ops) {
    const shape = [...indices!.shape, depth as number];
    return ops.node('OneHot', [indices!], { depth, onValue, offValue }, shape, (dtype as DataType | undefined) ?? 'int32');
  },
  Fill: (_inputs, { shape, value, dtype }, ops) =>
    ops.constant(value as number, shape as number[], (dtype as DataType | undefined) ?? tf.util.inferDtype(value as number) as DataType),
  Range(_inputs, { start, stop, step, dtype }, ops) {
    const type = (dtype as DataType | undefined) ?? 'float32';
    const values = countFrom(start as number, stop as number, step as number, type);
    return ops.constant(values, [values.length], type);
  },
};

interface StridedSliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** `[count]` class numbers → `[count, depth]`. */
function oneHot(indices: GraphNode, depth: number, ops: GraphOps): GraphNode {
  return ops.node('OneHot', [indices], { depth, onValue: 1, offValue: 0 }, [...indices.shape, depth]);
}

/** As TensorFlow.js counts: by -1 where the default step of 1 leads away from the end, and each number from the one before as it was rounded. */
function countFrom(start: number, stop: number, step: number, dtype: DataType): HostValues {
  const isEmpty = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
  const values = toValues(new Array<number>(isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step))).fill(start), dtype);
  const by = stop < start && step === 1 ? -1 : step;
  for (let i = 1; i < values.length; i++) values[i] = values[i - 1]! + by;
  return values;
}

/** Copies along axes of size 1 are a broadcast; other copies are one too, along an axis of their own. */
function tile(x: GraphNode, reps: readonly number[], ops: GraphOps): GraphNode {
  const shape = x.shape.map((size, axis) => size * reps[axis]!);
  if (x.shape.every((size, axis) => size === 1 || reps[axis] === 1)) return ops.broadcast(x, shape);
  const apart = x.shape.flatMap((size, axis) => (reps[axis] === 1 ? [size] : [1, size]));
  const copied = x.shape.flatMap((size, axis) => (reps[axis] === 1 ? [size] : [reps[axis]!, size]));
  return ops.reshape(ops.broadcast(ops.reshape(x, apart), copied), shape);
}

/** Parts of these sizes along an axis. */
function cut(x: GraphNode, axis: number, sizes: readonly number[], ops: GraphOps): GraphNode[] {
  let from = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, at) => (at === axis ? from : 0));
    from += size;
    return ops.slice(x, begin, x.shape.map((whole, at) => (at === axis ? size : whole)));
  });
}

/** tfjs's shape functions ask for a tensor and look at its shape alone. */
function asTensor({ shape }: GraphNode): tf.Tensor {
  return { shape: [...shape], rank: shape.length } as unknown as tf.Tensor;
}
