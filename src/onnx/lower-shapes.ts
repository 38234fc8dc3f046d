import { attribute, type GraphNode } from '../graph/graph';
import { castInputs } from './lower-emitter';
import type { Emitter, Lowerings } from './lower-emitter';

/** Where a slice with a negative stride ends that takes the first value too. */
const beforeTheFirst = -(2 ** 31);

/** Kernels that move values. */
export const shapeLowerings: Lowerings = {
  Cast: (node, [x], onnx) => onnx.cast(x!, node.inputs[0]!.dtype, node.dtype),
  Reshape: (node, [x], onnx) => onnx.reshape(x!, node.shape),
  Transpose: (node, [x], onnx) => onnx.emit('Transpose', [x!], { perm: attribute<readonly number[]>(node, 'perm') }),
  BroadcastTo: (node, [x], onnx) => onnx.emit('Expand', [x!, onnx.integers(node.shape)]),
  Slice(node, [x], onnx) {
    const begin = attribute<readonly number[]>(node, 'begin');
    const end = begin.map((first, axis) => first + node.shape[axis]!);
    return slice(x!, node, { begin, end, strides: begin.map(() => 1) }, onnx);
  },
  StridedSlice(node, [x], onnx) {
    const begin = attribute<readonly number[]>(node, 'begin');
    const strides = attribute<readonly number[]>(node, 'strides');
    const end = attribute<readonly number[]>(node, 'end').map((last, axis) =>
      strides[axis]! < 0 && last < 0 ? beforeTheFirst : last,
    );
    const part = slice(x!, node, { begin, end, strides }, onnx);
    return begin.length === node.shape.length ? part : onnx.reshape(part, node.shape);
  },
  Reverse(node, [x], onnx) {
    const dims = attribute<readonly number[]>(node, 'dims');
    const reversed = (axis: number) => dims.includes(axis);
    const begin = node.shape.map((size, axis) => (reversed(axis) ? size - 1 : 0));
    const end = node.shape.map((size, axis) => (reversed(axis) ? beforeTheFirst : size));
    return slice(x!, node, { begin, end, strides: node.shape.map((_, axis) => (reversed(axis) ? -1 : 1)) }, onnx);
  },
  Concat: (node, inputs, onnx) => onnx.emit('Concat', castInputs(node, inputs, onnx), { axis: attribute<number>(node, 'axis') }),
  PadV2(node, [x], onnx) {
    const paddings = attribute<readonly (readonly [number, number])[]>(node, 'paddings');
    const sizes = onnx.integers([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    return onnx.emit('Pad', [x!, sizes, onnx.scalar(attribute<number>(node, 'constantValue'), node.dtype)]);
  },
  // ONNX's own Gather counts a negative index from the end; as a large one it throws, as in TensorFlow.js.
  GatherV2(node, [x, indices], onnx) {
    const { dtype, values } = node.inputs[1]!;
    const whole = onnx.cast(indices!, dtype, 'int32');
    const index = values?.every((value) => value >= 0) ? whole : onnx.cast(onnx.cast(whole, 'int32', 'uint32'), 'uint32', 'int64');
    return onnx.emit('Gather', [x!, index], { axis: attribute<number>(node, 'axis') });
  },
  // ONNX's own OneHot counts a negative index from the end; TensorFlow.js has a row of offValue.
  OneHot(node, [indices], onnx) {
    const [depth, onValue, offValue] = ['depth', 'onValue', 'offValue'].map((name) => attribute<number>(node, name)) as [number, number, number];
    const column = onnx.reshape(onnx.cast(indices!, node.inputs[0]!.dtype, 'int32'), [...node.inputs[0]!.shape, 1]);
    const hit = onnx.emit('Equal', [column, onnx.constant(Array.from({ length: depth }, (_, i) => i), [depth], 'int32')]);
    if (onValue === 1 && offValue === 0) return onnx.cast(hit, 'bool', node.dtype);
    return onnx.emit('Where', [hit, onnx.scalar(onValue, node.dtype), onnx.scalar(offValue, node.dtype)]);
  },
  Select(node, [condition, ...branches], onnx) {
    const dtype = node.dtype === 'bool' ? 'int32' : node.dtype; // onnxruntime chooses no booleans
    const chosen = branches.map((name, i) => onnx.cast(name, node.inputs[i + 1]!.dtype, dtype));
    return onnx.cast(onnx.emit('Where', [onnx.cast(condition!, node.inputs[0]!.dtype, 'bool'), ...chosen]), dtype, node.dtype);
  },
  Cumsum: (node, inputs, onnx) =>
    onnx.emit('CumSum', [...castInputs(node, inputs, onnx), onnx.scalar(attribute<number>(node, 'axis'), 'int64')], {
      exclusive: Number(attribute<boolean>(node, 'exclusive')),
      reverse: Number(attribute<boolean>(node, 'reverse')),
    }),
};

interface Range {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
}

/** Names only the axes that lose values or turn round. */
function slice(x: string, { inputs }: GraphNode, { begin, end, strides }: Range, onnx: Emitter): string {
  const { shape } = inputs[0]!;
  const axes = shape.map((_, axis) => axis).filter((axis) => begin[axis] !== 0 || end[axis] !== shape[axis] || strides[axis] !== 1);
  if (axes.length === 0) return x;
  const of = (list: readonly number[]) => onnx.integers(axes.map((axis) => list[axis]!));
  const steps = axes.some((axis) => strides[axis] !== 1) ? [of(strides)] : [];
  return onnx.emit('Slice', [x, of(begin), of(end), onnx.integers(axes), ...steps]);
}
