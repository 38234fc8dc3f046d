import { mapRecord } from '../core/params';
import { sameShape, sizeOf } from '../core/shape';
import { uniformValue, type GraphNode } from './graph';
import { broadcastShape } from './graph-ops';
import { isNormal } from './factors';
import { elementwiseLast } from './rules-layout';
import type { Candidate, Make, Rule, Rules } from './simplify';

type Fold = (a: number, b: number) => number;

const binaries: Readonly<Record<string, Fold>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
  Pow: (a, b) => a ** b,
  Equal: (a, b) => Number(a === b),
  NotEqual: (a, b) => Number(a !== b),
  Greater: (a, b) => Number(a > b),
  GreaterEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessEqual: (a, b) => Number(a <= b),
  LogicalAnd: (a, b) => Number(a !== 0 && b !== 0),
  LogicalOr: (a, b) => Number(a !== 0 || b !== 0),
};

const unaries: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Exp: Math.exp,
  Log: Math.log,
  LogicalNot: (x) => Number(x === 0),
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  Rsqrt: (x) => 1 / Math.sqrt(x),
  Sqrt: Math.sqrt,
};

/** Elementwise kernels without a fold: only what they are computed on changes. */
const others = ['Cos', 'Elu', 'Erf', 'IsFinite', 'IsInf', 'IsNan', 'LeakyRelu', 'Sigmoid', 'Sign', 'Sin', 'Softplus', 'Step', 'Tanh', 'Cast', 'ClipByValue'];

/** Arithmetic: with constants, with 0 and 1, on values before they are copied or reshaped. */
export const arithmeticRules: Rules = {
  ...mapRecord(unaries, (fold, kernel) => [foldUnary(fold), elementwiseLast(kernel)]),
  ...Object.fromEntries(others.map((kernel) => [kernel, [elementwiseLast(kernel)]])),
  ...mapRecord(binaries, (fold) => [foldBinary(fold), onSmall, reshapeLast]),
  Select: [selectUniform],
  Sum: [sumOfOnes, sumOfCopies, sumBeforeReshape],
  Max: [sumOfOnes],
  Min: [sumOfOnes],
  Mean: [meanIsSum],
};

/** Neutral elements; after `arithmeticRules` for the same kernels. */
export const identityRules: Rules = {
  Neg: [({ inputs, dtype }, make) => (dtype === 'float32' ? make.binary('Multiply', inputs[0]!, make.constant(-1, [])) : undefined)],
  Add: [neutral(0), subtractInstead],
  Sub: [subtractNothing],
  Multiply: [neutral(1), annihilate],
  RealDiv: [divideIsMultiply],
  Pow: [powIsProduct],
};

function foldUnary(fold: (x: number) => number): Rule {
  return ({ inputs, shape, dtype }, make) => {
    const value = uniformValue(inputs[0]!);
    return value === undefined ? undefined : make.constant(fold(value), shape, dtype);
  };
}

function foldBinary(fold: Fold): Rule {
  return ({ inputs, shape, dtype }, make) => {
    const [a, b] = inputs.map((input) => uniformValue(input));
    return a === undefined || b === undefined ? undefined : make.constant(fold(a, b), shape, dtype);
  };
}

/** Operands before they were copied; a result of fewer values is copied instead. */
function onSmall({ kernel, inputs, attributes, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const small = inputs.map((input) => withoutCopies(input, make));
  if (small.every((operand, index) => operand === inputs[index])) return undefined;
  const [a, b] = small as [GraphNode, GraphNode];
  return make.broadcast(make.node(kernel, [a, b], attributes, broadcastShape(a.shape, b.shape), dtype), shape);
}

function withoutCopies(node: GraphNode, make: Make): GraphNode {
  if (node.kernel === 'BroadcastTo') return node.inputs[0]!;
  const value = uniformValue(node);
  return value !== undefined && node.shape.length > 0 ? make.constant(value, [], node.dtype) : node;
}

/** Operands that are reshaped, or one of them and a number: reshape the result. */
function reshapeLast({ kernel, inputs, attributes, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const reshaped = inputs.filter((input) => input.kernel === 'Reshape' && sameShape(input.shape, shape));
  if (reshaped.length === 0) return undefined;
  if (kernel === 'Multiply' && inputs.some((input) => input.shape.length === 0)) return undefined; // see `factors`
  const [{ shape: inner }] = reshaped.map((input) => input.inputs[0]!).sort((a, b) => a.shape.length - b.shape.length) as [GraphNode];
  // Towards fewer axes where one operand is not reshaped, lest two reshapes chase each other.
  const isWorth = (input: GraphNode) => sameShape(input.shape, shape) && (reshaped.includes(input) || inner.length < shape.length);
  if (!inputs.every((input) => input.shape.length === 0 || isWorth(input))) return undefined;
  const operands = inputs.map((input) => (input.shape.length === 0 && !reshaped.includes(input) ? input : make.reshape(input, inner)));
  return make.reshape(make.node(kernel, operands, attributes, inner, dtype), shape);
}

function neutral(value: number): Rule {
  return ({ inputs: [a, b], shape }, make) => {
    if (uniformValue(a!) === value && b!.dtype === 'float32') return make.broadcast(b!, shape);
    return uniformValue(b!) === value && a!.dtype === 'float32' ? make.broadcast(a!, shape) : undefined;
  };
}

/** 0 · x is 0: tfjs's gradients are full of such products. */
function annihilate({ inputs, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  return inputs.some((input) => uniformValue(input) === 0) ? make.constant(0, shape, dtype) : undefined;
}

/** a + (−1) b = a − b. */
function subtractInstead({ inputs: [a, b] }: Candidate, make: Make): GraphNode | undefined {
  if (isNegated(b!)) return make.binary('Sub', a!, b!.inputs[0]!);
  return isNegated(a!) ? make.binary('Sub', b!, a!.inputs[0]!) : undefined;
}

function subtractNothing({ inputs: [a, b], shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  if (uniformValue(b!) === 0 && a!.dtype === dtype) return make.broadcast(a!, shape);
  return uniformValue(a!) === 0 && b!.dtype === 'float32' ? make.broadcast(make.unary('Neg', b!), shape) : undefined;
}

function isNegated({ kernel, inputs }: GraphNode): boolean {
  return kernel === 'Multiply' && inputs[1] !== undefined && uniformValue(inputs[1]) === -1;
}

function divideIsMultiply({ inputs: [a, b], shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const divisor = uniformValue(b!);
  if (uniformValue(a!) === 0) return make.constant(0, shape, dtype);
  if (divisor !== undefined) return isNormal(1 / divisor) ? make.binary('Multiply', a!, make.constant(1 / divisor, [])) : undefined;
  // A division of many by few: invert the few.
  if (sizeOf(b!.shape) * 4 <= sizeOf(shape)) return make.binary('Multiply', a!, make.unary('Reciprocal', b!));
  return undefined;
}

function powIsProduct({ inputs: [a, b] }: Candidate, make: Make): GraphNode | undefined {
  const exponent = uniformValue(b!);
  if (exponent === 1) return a;
  return exponent === 2 ? make.binary('Multiply', a!, a!) : undefined;
}

function selectUniform({ inputs, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const [condition, ...branches] = inputs as [GraphNode, GraphNode, GraphNode];
  const value = uniformValue(condition);
  if (value === undefined) return undefined;
  const chosen = branches[value ? 0 : 1];
  return chosen.dtype === dtype ? make.broadcast(chosen, shape) : undefined;
}

/** Over axes of size 1 there is nothing to reduce. */
function sumOfOnes({ inputs: [x], attributes, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const axes = attributes['axes'] as number[];
  return x!.dtype === dtype && axes.every((axis) => x!.shape[axis] === 1) ? make.reshape(x!, shape) : undefined;
}

/** The sum of n copies is n times the value. */
function sumOfCopies({ inputs: [x], attributes, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const axes = attributes['axes'] as number[];
  const count = axes.reduce((product, axis) => product * x!.shape[axis]!, 1);
  const value = uniformValue(x!);
  if (value !== undefined) return make.constant(value * count, shape, dtype);
  if (x!.kernel !== 'BroadcastTo' || dtype !== 'float32') return undefined;
  const missing = x!.shape.length - x!.inputs[0]!.shape.length;
  const small = make.reshape(x!.inputs[0]!, [...Array.from({ length: missing }, () => 1), ...x!.inputs[0]!.shape]);
  const copied = axes.filter((axis) => small.shape[axis] === 1 && x!.shape[axis]! > 1);
  if (copied.length === 0) return undefined;
  const copies = copied.reduce((product, axis) => product * x!.shape[axis]!, 1);
  const rest = make.broadcast(small, x!.shape.map((size, axis) => (copied.includes(axis) ? 1 : size)));
  const summed = make.reduce('Sum', rest, axes, Boolean(attributes['keepDims']));
  return make.binary('Multiply', summed, make.constant(copies, []));
}

/** A reshape that leaves the summed axis whole may come after the sum. */
function sumBeforeReshape({ inputs: [x], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const [axis, ...more] = attributes['axes'] as [number, ...number[]];
  if (x!.kernel !== 'Reshape' || more.length > 0) return undefined;
  const source = x!.inputs[0]!;
  const before = sizeOf(x!.shape.slice(0, axis));
  const same = source.shape.findIndex((size, at) => size === x!.shape[axis] && sizeOf(source.shape.slice(0, at)) === before);
  return same < 0 ? undefined : make.reshape(make.reduce('Sum', source, [same], true), shape);
}

/** Its factor can then join others. */
function meanIsSum({ inputs: [x], attributes }: Candidate, make: Make): GraphNode | undefined {
  const axes = attributes['axes'] as number[];
  const count = axes.reduce((product, axis) => product * x!.shape[axis]!, 1);
  return make.binary('Multiply', make.reduce('Sum', x!, axes, Boolean(attributes['keepDims'])), make.constant(1 / count, []));
}
