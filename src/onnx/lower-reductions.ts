import { castInputs } from './lower-emitter';
import type { Emitter, Lowering, Lowerings } from './lower-emitter';
import { attribute, type GraphNode } from '../graph/graph';

/** Kernels that make one value of many. */
export const reductionLowerings: Lowerings = {
  Sum: (node, inputs, onnx) => (isColumnSum(node) ? onesTimes(node, inputs[0]!, onnx) : reduction('ReduceSum')(node, inputs, onnx)),
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  All: ofBooleans(reduction('ReduceMin')),
  Any: ofBooleans(reduction('ReduceMax')),
  ArgMax: place('ArgMax'),
  ArgMin: place('ArgMin'),
  Softmax: (node, inputs, onnx) =>
    onnx.emit('Softmax', castInputs(node, inputs, onnx), { axis: attribute<number>(node, 'axis') }),
};

/** Many rows summed to one: as a product with a row of ones it takes a quarter of the time. */
function isColumnSum({ inputs, attributes, dtype }: GraphNode): boolean {
  const { shape } = inputs[0]!;
  const [axis, ...more] = attributes['axes'] as readonly number[];
  const [rows, columns] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  return dtype === 'float32' && more.length === 0 && axis === shape.length - 2 && shape.length >= 2 && rows >= 64 && columns >= 16;
}

function onesTimes(node: GraphNode, x: string, onnx: Emitter): string {
  const rows = node.inputs[0]!.shape.at(-2)!;
  const row = onnx.emit('MatMul', [onnx.constant(new Float32Array(rows).fill(attribute<number | undefined>(node, 'scale') ?? 1), [1, rows], 'float32'), x]);
  return attribute<boolean>(node, 'keepDims') ? row : onnx.reshape(row, node.shape);
}

function reduction(operator: string): Lowering {
  return (node, inputs, onnx) => {
    const [x] = castInputs(node, inputs, onnx) as [string];
    const axes = attribute<readonly number[]>(node, 'axes');
    const keepdims = Number(attribute<boolean>(node, 'keepDims'));
    if (axes.length === 0) return x; // which ONNX takes for all of them
    if (operator === 'ReduceSum') {
      const count = axes.reduce((product, axis) => product * node.inputs[0]!.shape[axis]!, 1);
      const scale = attribute<number | undefined>(node, 'scale') ?? 1;
      if (scale !== 1 && Math.fround(1 / count) === Math.fround(scale)) return onnx.emit('ReduceMean', [x], { axes, keepdims });
      const sum = onnx.emit(operator, [x, onnx.integers(axes)], { keepdims });
      return scale === 1 ? sum : onnx.emit('Mul', [sum, onnx.scalar(scale)]);
    }
    return onnx.emit(operator, [x], { axes, keepdims });
  };
}

/** ONNX reduces numbers only. */
function ofBooleans(lowering: Lowering): Lowering {
  return (node, inputs, onnx) => onnx.cast(lowering({ ...node, dtype: 'int32' }, inputs, onnx), 'int32', node.dtype);
}

function place(operator: string): Lowering {
  return (node, [x], onnx) => {
    const from = node.inputs[0]!.dtype;
    const numbers = onnx.cast(x!, from, from === 'bool' ? 'int32' : from);
    return onnx.cast(onnx.emit(operator, [numbers], { axis: attribute<number>(node, 'axis'), keepdims: 0 }), 'int64', node.dtype);
  };
}
