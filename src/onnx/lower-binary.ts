import type { GraphNode } from '../graph/graph';
import { castInputs } from './lower-emitter';
import type { Emitter, Lowering, Lowerings } from './lower-emitter';
import type { OnnxType } from './onnx-writer';

/** Elementwise kernels of two tensors, broadcast as numpy does. */
export const binaryLowerings: Lowerings = {
  Add: numeric('Add'),
  Sub: numeric('Sub'),
  Multiply: numeric('Mul'),
  RealDiv: numeric('Div'),
  Maximum: numeric('Max'),
  Minimum: numeric('Min'),
  Pow: numeric('Pow'),
  // In double, as TensorFlow.js computes it: a float32 quotient may round up to the next whole number.
  FloorDiv(node, inputs, onnx) {
    const quotient = onnx.emit('Floor', [onnx.emit('Div', castInputs(node, inputs, onnx, 'float64'))]);
    return onnx.cast(quotient, 'float64', node.dtype);
  },
  Mod(node, inputs, onnx) {
    const [x, y] = castInputs(node, inputs, onnx) as [string, string];
    if (node.dtype === 'int32') return onnx.emit('Mod', [x, y]);
    const remainder = onnx.emit('Mod', [x, y], { fmod: 1 }); // has the sign of x
    const wrongSign = onnx.emit('Less', [onnx.emit('Mul', [remainder, onnx.emit('Sign', [y])]), onnx.scalar(0)]);
    return onnx.emit('Where', [wrongSign, onnx.emit('Add', [remainder, y]), remainder]);
  },
  Atan2: arctangent,

  Equal: comparison('Equal'),
  NotEqual: (node, inputs, onnx) => onnx.emit('Not', [comparison('Equal')(node, inputs, onnx)]),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: (node, inputs, onnx) => onnx.emit('And', castInputs(node, inputs, onnx, 'bool')),
  LogicalOr: (node, inputs, onnx) => onnx.emit('Or', castInputs(node, inputs, onnx, 'bool')),
};

function numeric(operator: string): Lowering {
  return (node, inputs, onnx) => onnx.emit(operator, castInputs(node, inputs, onnx));
}

function comparison(operator: string): Lowering {
  return (node, inputs, onnx) => onnx.emit(operator, castInputs(node, inputs, onnx, comparedType(node)));
}

/** ONNX has no order of booleans. */
function comparedType({ inputs }: GraphNode): OnnxType {
  return inputs.every(({ dtype }) => dtype === 'int32') ? 'int32' : 'float32';
}

/** atan(y/x), half a turn further where x < 0; 0 where both are 0. */
function arctangent(node: GraphNode, inputs: readonly string[], onnx: Emitter): string {
  const [y, x] = castInputs(node, inputs, onnx) as [string, string];
  const zero = onnx.scalar(0);
  const size = onnx.emit('Add', [onnx.emit('Abs', [y]), onnx.emit('Abs', [x])]);
  const ratio = onnx.emit('Where', [onnx.emit('Equal', [size, zero]), zero, onnx.emit('Div', [y, x])]);
  const halfTurn = onnx.emit('Where', [onnx.emit('Less', [y, zero]), onnx.scalar(-Math.PI), onnx.scalar(Math.PI)]);
  const turn = onnx.emit('Where', [onnx.emit('Less', [x, zero]), halfTurn, zero]);
  return onnx.emit('Add', [onnx.emit('Atan', [ratio]), turn]);
}
