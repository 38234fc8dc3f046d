import { attribute } from '../graph/graph';
import { castInputs } from './lower-emitter';
import type { Emitter, Lowering, Lowerings } from './lower-emitter';

/** Elementwise kernels of one tensor. */
export const unaryLowerings: Lowerings = {
  Abs: same('Abs'),
  Neg: same('Neg'),
  Exp: same('Exp'),
  Log: same('Log'),
  Sqrt: same('Sqrt'),
  Relu: same('Relu'),
  Tanh: same('Tanh'),
  Softplus: same('Softplus'),
  Elu: composed(elu),
  Selu: same('Selu'),
  Sin: same('Sin'),
  Cos: same('Cos'),
  Tan: same('Tan'),
  Asin: same('Asin'),
  Acos: same('Acos'),
  Atan: same('Atan'),
  Sinh: same('Sinh'),
  Cosh: same('Cosh'),
  Asinh: same('Asinh'),
  Acosh: same('Acosh'),
  Atanh: same('Atanh'),
  Sign: same('Sign'),
  Floor: same('Floor'),
  Ceil: same('Ceil'),
  Round: same('Round'),
  Reciprocal: same('Reciprocal'),
  Erf: same('Erf'),
  Rsqrt: composed((x, onnx) => onnx.emit('Reciprocal', [onnx.emit('Sqrt', [x])])),
  Sigmoid: composed(sigmoid),
  Log1p: composed(logOfOnePlus),
  Expm1: composed(expMinusOne),
  Relu6: (node, inputs, onnx) =>
    onnx.emit('Clip', [...castInputs(node, inputs, onnx), onnx.scalar(0, node.dtype), onnx.scalar(6, node.dtype)]),
  ClipByValue(node, inputs, onnx) {
    const within = (bound: number) => (node.dtype === 'int32' ? Math.min(Math.max(bound, -(2 ** 31)), 2 ** 31 - 1) : bound); // an infinite one too
    const bounds = ['clipValueMin', 'clipValueMax'].map((name) => onnx.scalar(within(attribute<number>(node, name)), node.dtype));
    return onnx.emit('Clip', [...castInputs(node, inputs, onnx), ...bounds]);
  },
  Step(node, inputs, onnx) {
    const positive = onnx.emit('Greater', [...castInputs(node, inputs, onnx), onnx.scalar(0, node.dtype)]);
    const alpha = attribute<number>(node, 'alpha');
    if (alpha === 0) return onnx.cast(positive, 'bool', node.dtype);
    return onnx.emit('Where', [positive, onnx.scalar(1, node.dtype), onnx.scalar(alpha, node.dtype)]);
  },
  LeakyRelu: (node, inputs, onnx) =>
    onnx.emit('LeakyRelu', castInputs(node, inputs, onnx), { alpha: { float: attribute<number>(node, 'alpha') } }),
  Prelu: (node, inputs, onnx) => onnx.emit('PRelu', castInputs(node, inputs, onnx)),

  LogicalNot: (node, inputs, onnx) => onnx.emit('Not', castInputs(node, inputs, onnx, 'bool')),
  IsNan: test((x, onnx) => onnx.emit('IsNaN', [x])),
  IsInf: test((x, onnx) => onnx.emit('IsInf', [x])),
  IsFinite: test((x, onnx) => onnx.emit('Less', [onnx.emit('Abs', [x]), onnx.scalar(Infinity)])),
};

function same(operator: string): Lowering {
  return composed((x, onnx) => onnx.emit(operator, [x]));
}

function composed(write: (x: string, onnx: Emitter) => string): Lowering {
  return (node, inputs, onnx) => write(castInputs(node, inputs, onnx)[0]!, onnx);
}

function test(write: (x: string, onnx: Emitter) => string): Lowering {
  return (node, inputs, onnx) => write(castInputs(node, inputs, onnx, 'float32')[0]!, onnx);
}

/** 1 / (1 + e⁻ˣ). onnxruntime's own is 0 below -18 already, and its logarithm infinite. */
function sigmoid(x: string, onnx: Emitter): string {
  return onnx.emit('Reciprocal', [onnx.emit('Add', [onnx.emit('Exp', [onnx.emit('Neg', [x])]), onnx.scalar(1)])]);
}

/** log(u) x / (u - 1) with u = 1 + x as rounded: what rounding took from u it took from both (Kahan). */
function logOfOnePlus(x: string, onnx: Emitter): string {
  const one = onnx.scalar(1);
  const sum = onnx.emit('Add', [x, one]);
  const rounded = onnx.emit('Sub', [sum, one]);
  const isExact = onnx.emit('Equal', [rounded, x]); // an infinite x too, over which nothing can be divided
  const correction = onnx.emit('Div', [x, rounded]);
  return onnx.emit('Where', [onnx.emit('Equal', [sum, one]), x, onnx.emit('Mul', [onnx.emit('Log', [sum]), onnx.emit('Where', [isExact, one, correction])])]);
}

/** x above 0, eˣ - 1 below, which is more than x there. onnxruntime's own is right to 1e-7 of 1 only. */
function elu(x: string, onnx: Emitter): string {
  const below = onnx.emit('Neg', [onnx.emit('Relu', [onnx.emit('Neg', [x])])]); // as its derivative has it
  return onnx.emit('Max', [x, expMinusOne(below, onnx)]);
}

/** eˣ - 1 = tanh(x/2) (eˣ + 1): nothing cancels. */
function expMinusOne(x: string, onnx: Emitter): string {
  const half = onnx.emit('Tanh', [onnx.emit('Mul', [x, onnx.scalar(0.5)])]);
  return onnx.emit('Mul', [half, onnx.emit('Add', [onnx.emit('Exp', [x]), onnx.scalar(1)])]);
}
