import type { DataType } from '../core/host-tensor';
import { sizeOf } from '../core/shape';
import { attribute, type GraphNode } from '../graph/graph';
import { readGeometry } from '../graph/windows';
import { attributes, type GraphWriter } from './graph-writer';
import type { Size } from './sample-axis';

/** Writes one node of a graph as nodes of a graph model, given the names of its inputs; returns the name of its own. */
export type GraphLowering = (node: GraphNode, inputs: readonly string[], write: GraphWriter) => string;

type GraphLowerings = Readonly<Record<string, GraphLowering>>;

const { flag, number, count, counts, text, type } = attributes;

/** Kernels that TensorFlow has by the same name and inputs. */
const alike = [
  'Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atan2', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Equal', 'Erf', 'Exp', 'Expm1', 'Floor', 'FloorDiv',
  'Greater', 'GreaterEqual', 'IsFinite', 'IsInf', 'IsNan', 'Less', 'LessEqual', 'Log', 'Log1p', 'LogicalAnd', 'LogicalNot', 'LogicalOr', 'Maximum',
  'Minimum', 'Neg', 'NotEqual', 'Pow', 'Prelu', 'RealDiv', 'Reciprocal', 'Relu', 'Relu6', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh',
  'Softmax', 'Softplus', 'Sqrt', 'Sub', 'Tan', 'Tanh',
];
const renamed = { Add: 'AddV2', Multiply: 'Mul', Mod: 'FloorMod', Select: 'SelectV2' };
const reductions = ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any'];

const same = (op: string): GraphLowering => (_node, inputs, write) => write.emit(op, inputs);
const each = (names: readonly string[], lowering: (name: string) => GraphLowering): GraphLowerings =>
  Object.fromEntries(names.map((name) => [name, lowering(name)]));

/** Kernel → how it is written. */
export const graphLowerings: GraphLowerings = {
  ...each(alike, same),
  ...each(Object.keys(renamed), (name) => same(renamed[name as keyof typeof renamed])),
  ...each(reductions, (name) => (node, [x], write) =>
    write.emit(name, [x!, write.integers(attribute(node, 'axes'))], { keep_dims: flag(attribute(node, 'keepDims')) })),
  ...each(['ArgMax', 'ArgMin'], (name) => (node, [x], write) => write.emit(name, [x!, write.scalar(attribute(node, 'axis'), 'int32')])),
  Cast: (node, [x], write) => cast(x!, node.dtype, write),
  ClipByValue: (node, [x], write) => write.emit('ClipByValue', [x!, write.scalar(attribute(node, 'clipValueMin')), write.scalar(attribute(node, 'clipValueMax'))]),
  LeakyRelu: (node, [x], write) => write.emit('LeakyRelu', [x!], { alpha: number(attribute(node, 'alpha')) }),
  Step(node, [x], write) {
    const positive = write.emit('Greater', [x!, write.scalar(0, node.dtype)]);
    return write.emit('SelectV2', [positive, write.scalar(1, node.dtype), write.scalar(attribute<number | undefined>(node, 'alpha') ?? 0, node.dtype)]);
  },

  Reshape: (node, [x], write) => write.reshape(x!, write.sizes(node)),
  BroadcastTo: (node, [x], write) => write.emit('BroadcastTo', [x!, write.shape(write.sizes(node))]),
  Transpose: (node, [x], write) => write.emit('Transpose', [x!, write.integers(attribute(node, 'perm'))]),
  Slice(node, [x], write) {
    const begin = attribute<readonly number[]>(node, 'begin');
    const toEnd = (axis: number) => begin[axis]! + node.shape[axis]! === node.inputs[0]!.shape[axis];
    const sizes = write.sizes(node).map((size, axis): Size => (typeof size !== 'number' && toEnd(axis) ? -1 : size));
    return write.emit('Slice', [x!, write.integers(begin), write.shape(sizes)]);
  },
  StridedSlice(node, [x], write) {
    const inputs = ['begin', 'end', 'strides'].map((name) => write.integers(attribute(node, name)));
    const downToFirst = attribute<readonly number[]>(node, 'end').reduce((mask, end, axis) => (end < 0 ? mask | (1 << axis) : mask), 0); // −1 would be the last
    return write.reshape(write.emit('StridedSlice', [x!, ...inputs], downToFirst ? { end_mask: count(downToFirst) } : {}), write.sizes(node));
  },
  Reverse: (node, [x], write) => write.emit('ReverseV2', [x!, write.integers(attribute(node, 'dims'))]),
  Concat: (node, inputs, write) => write.emit('ConcatV2', [...inputs, write.scalar(attribute(node, 'axis'), 'int32')], { N: count(inputs.length) }),
  PadV2: (node, [x], write) => pad(x!, attribute(node, 'paddings'), write.scalar(attribute(node, 'constantValue'), node.dtype), write),
  GatherV2: (node, [x, index], write) => write.emit('GatherV2', [x!, index!, write.scalar(attribute(node, 'axis'), 'int32')]),
  OneHot(node, [index], write) {
    const values = ['onValue', 'offValue'].map((name) => write.scalar(attribute(node, name), node.dtype));
    return write.emit('OneHot', [cast(index!, 'int32', write), write.scalar(attribute(node, 'depth'), 'int32'), ...values], { T: type(node.dtype) });
  },
  Cumsum: (node, [x], write) =>
    write.emit('Cumsum', [x!, write.scalar(attribute(node, 'axis'), 'int32')], { exclusive: flag(attribute(node, 'exclusive')), reverse: flag(attribute(node, 'reverse')) }),

  BatchMatMul(node, [a, b], write) {
    const { transposeA = false, transposeB = false, alpha = 1 } = node.attributes as { transposeA?: boolean; transposeB?: boolean; alpha?: number };
    const isPlain = node.inputs.every(({ shape }) => shape.length === 2);
    const product = isPlain
      ? write.emit('MatMul', [a!, b!], { transpose_a: flag(transposeA), transpose_b: flag(transposeB) })
      : write.emit('BatchMatMulV2', [a!, b!].map((name, at) => copied(node, at, name, write)), { adj_x: flag(transposeA), adj_y: flag(transposeB) });
    return alpha === 1 ? product : write.emit('Mul', [product, write.scalar(alpha)]);
  },
  Convolve: convolve,
  /** Rows picked by a constant index; the one past the last is a row of `fill`. */
  Windows(node, [x, index], write) {
    const [source, { values }] = node.inputs as [GraphNode, GraphNode];
    const axis = source.shape.length - 2;
    const needsFill = values!.some((row) => row === source.shape[axis]); // an index is a constant
    const paddings = source.shape.map((_, at): [number, number] => [0, at === axis ? 1 : 0]);
    const framed = needsFill ? pad(x!, paddings, write.scalar(attribute(node, 'fill'), source.dtype), write) : x!;
    return write.reshape(write.emit('GatherV2', [framed, index!, write.scalar(axis, 'int32')]), write.sizes(node));
  },
};

/** An operand of a product with all its copies, where it is neither one matrix nor as many as there are products: TensorFlow.js gets those wrong. */
function copied(node: GraphNode, at: number, name: string, write: GraphWriter): string {
  const { shape } = node.inputs[at]!;
  const products = sizeOf(node.shape.slice(0, -2));
  const own = sizeOf(shape.slice(0, -2));
  return own === 1 || own === products ? name : write.emit('BroadcastTo', [name, write.shape([...write.sizes(node).slice(0, -2), ...shape.slice(-2)])]);
}

function cast(x: string, dtype: DataType, write: GraphWriter): string {
  return write.emit('Cast', [x], { DstT: type(dtype) });
}

function pad(x: string, paddings: readonly (readonly [number, number])[], fill: string, write: GraphWriter): string {
  return write.emit('PadV2', [x, write.constant(Int32Array.from(paddings.flat()), [paddings.length, 2], 'int32'), fill]);
}

/** Rows `[tasks, images · pixels, C]` and kernels `[tasks, taps · C, F]`, as one ordinary convolution of images: there is one task. */
function convolve(node: GraphNode, [rows, kernel]: readonly string[], write: GraphWriter): string {
  const { size, window, strides, dilations, before, positions } = readGeometry(node.attributes);
  const [channels, filters] = [node.inputs[0]!.shape[2]!, node.shape[2]!];
  const after = [0, 1].map((axis) => Math.max(0, (positions[axis]! - 1) * strides[axis]! + (window[axis]! - 1) * dilations[axis]! + 1 - size[axis]! - before[axis]!));
  const isFramed = [...before, ...after].some((rows) => rows > 0);
  const pixels = write.sizes(node.inputs[0]!)[1]!;
  const area = size[0] * size[1];
  const images: Size = typeof pixels === 'number' ? pixels / area : { perSample: pixels.perSample / area };
  const convolved = write.emit(
    'Conv2D',
    [write.reshape(rows!, [images, ...size, channels]), write.reshape(kernel!, [...window, channels, filters])],
    {
      strides: counts([1, ...strides, 1]),
      dilations: counts([1, ...dilations, 1]),
      data_format: text('NHWC'),
      padding: text(isFramed ? 'EXPLICIT' : 'VALID'),
      ...(isFramed ? { explicit_paddings: counts([0, 0, before[0], after[0]!, before[1], after[1]!, 0, 0]) } : {}),
    },
  );
  return write.reshape(convolved, write.sizes(node));
}
