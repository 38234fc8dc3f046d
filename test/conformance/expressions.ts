import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { sameShape, sizeOf, type Shape } from '../../src/core/shape';
import { broadcastShape } from '../../src/graph/graph-ops';
import { stopGradient } from '../../src/ops/stop-gradient';

/** A random expression as data: what fast-check makes, prints and shrinks. */
export interface Expression {
  readonly inputs: readonly Shape[];
  readonly steps: readonly Step[];
}

/** What to compute next, of what there is: `picks` choose operands, axes and sizes, whatever they are. */
interface Step {
  readonly operation: string;
  readonly picks: readonly number[];
}

type Operation = (x: tf.Tensor, pick: (at: number, among: number) => number, values: readonly tf.Tensor[]) => tf.Tensor;

const binaries: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  div: (a, b) => tf.div(a, tf.add(tf.square(b), 1)),
  squaredDifference: (a, b) => tf.squaredDifference(a, b),
  select: (a, b) => tf.where(tf.greater(tf.add(a, tf.zerosLike(b)), 0.11), tf.add(a, tf.zerosLike(b)), tf.add(tf.zerosLike(a), b)),
};

/** Functions of one tensor; those with a kink have it where no value is likely to lie. */
const unaries: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  sin: (x) => tf.sin(x),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  softplus: (x) => tf.softplus(x),
  exp: (x) => tf.exp(tf.sin(x)),
  square: (x) => tf.square(x),
  root: (x) => tf.sqrt(tf.add(tf.square(x), 0.5)),
  neg: (x) => tf.neg(x),
  relu: (x) => tf.relu(tf.sub(x, 0.0731)),
  abs: (x) => tf.abs(tf.add(x, 0.0517)),
  softmax: (x) => tf.softmax(x.rank > 0 ? x : tf.reshape(x, [1])),
  stopGradient: (x) => stopGradient(x),
  twice: (x) => tf.mul(x, -2),
  third: (x) => tf.div(x, 3),
  nothing: (x) => tf.mul(x, 0),
  plusOne: (x) => tf.add(x, 1),
  fromOne: (x) => tf.sub(1, x),
};

const operations: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(Object.entries(unaries).map(([name, compute]) => [name, (x: tf.Tensor) => compute(x)])),
  ...Object.fromEntries(
    Object.entries(binaries).map(([name, compute]): [string, Operation] => [
      name,
      (x, pick, values) => compute(x, partner(values, pick, x, ({ shape }) => broadcasts(x.shape, shape))),
    ]),
  ),
  factor: (x, pick) => (x.rank < 2 ? x : tf.mul(x, tf.tanh(tf.sum(x, pick(1, 2) ? [x.rank - 2] : [x.rank - 1], true)))),
  sum: (x, pick) => tf.sum(x, axes(x, pick(1, 16)), pick(2, 2) === 1),
  mean: (x, pick) => tf.mean(x, axes(x, pick(1, 16)), pick(2, 2) === 1),
  max: (x, pick) => tf.max(tf.add(x, tf.reshape(tf.mul(tf.range(0, x.size), 0.0137), x.shape)), axes(x, pick(1, 16)), pick(2, 2) === 1), // no two are equal
  reshape: (x, pick) => tf.reshape(x, [...shapesOf(x.shape)[pick(1, shapesOf(x.shape).length)]!]),
  transpose: (x, pick) => tf.transpose(x, rotate(x.shape.map((_, axis) => axis), pick(1, Math.max(1, x.rank)), pick(2, 2) === 1)),
  tile: (x, pick) => (x.rank === 0 ? x : tf.tile(x, x.shape.map((_, axis) => (axis === pick(1, x.rank) ? 2 : 1)))),
  slice: (x, pick) => cut(x, pick(1, Math.max(1, x.rank)), pick(2, 2)),
  pad: (x, pick) => (x.rank === 0 ? x : tf.pad(x, x.shape.map((_, axis): [number, number] => (axis === pick(1, x.rank) ? [pick(2, 2), 1] : [0, 0])))),
  concat(x, pick, values) {
    if (x.rank === 0) return tf.stack([x, x]);
    const axis = pick(2, x.rank);
    const fits = ({ shape }: tf.Tensor) => shape.length === x.rank && shape.every((size, at) => at === axis || size === x.shape[at]);
    return tf.concat([x, partner(values, pick, x, fits)], axis);
  },
  matMul(x, pick, values) {
    const a = x.rank < 2 ? tf.reshape(x, [1, x.size]) : x;
    const [turnA, turnB] = [pick(2, 2) === 1, pick(3, 2) === 1];
    const inner = a.shape.at(turnA ? -2 : -1);
    const fits = ({ shape }: tf.Tensor) => shape.length >= 2 && shape.at(turnB ? -1 : -2) === inner && batchesFit(a.shape, shape);
    const b = partner(values, pick, undefined, fits);
    return b ? tf.matMul(a, b, turnA, turnB) : tf.matMul(a, a, turnA, !turnA);
  },
};

export const expressions: fc.Arbitrary<Expression> = fc.record({
  inputs: fc.array(fc.array(fc.constantFrom(1, 2, 3, 4), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  steps: fc.array(
    fc.record({ operation: fc.constantFrom(...Object.keys(operations)), picks: fc.array(fc.nat(60), { minLength: 4, maxLength: 4 }) }),
    { minLength: 1, maxLength: 9 },
  ),
});

/** The last two results, as one row. A step that makes too much is left out; `round` may change what each step makes. */
export function evaluate({ steps }: Expression, inputs: readonly tf.Tensor[], round = (made: tf.Tensor) => made): tf.Tensor {
  const values = [...inputs];
  for (const { operation, picks } of steps) {
    const pick = (at: number, among: number) => picks[at]! % among;
    const x = values[values.length - 1 - (pick(0, 3) % values.length)]!; // one of the latest
    const made = round(operations[operation]!(x, pick, values));
    if (made.rank <= 4 && made.size <= 400) values.push(made);
  }
  return tf.concat(values.slice(-2).map((value) => tf.reshape(value, [-1])));
}

/** An operand that fits, from a picked one on; else the one given. */
function partner<Other extends tf.Tensor | undefined>(
  values: readonly tf.Tensor[],
  pick: (at: number, among: number) => number,
  other: Other,
  fits: (value: tf.Tensor) => boolean,
): tf.Tensor | Other {
  const from = pick(1, values.length);
  return [...values.slice(from), ...values.slice(0, from)].find((value) => fits(value)) ?? other;
}

function broadcasts(a: Shape, b: Shape): boolean {
  const joined = broadcastShape(a, b);
  return [a, b].every((shape) => shape.every((size, axis) => size === 1 || size === joined[joined.length - shape.length + axis])) && sizeOf(joined) <= 400;
}

/** Alike, or one of them a single matrix: others tfjs itself gets wrong. */
function batchesFit(a: Shape, b: Shape): boolean {
  const [left, right] = [a.slice(0, -2), b.slice(0, -2)];
  return sameShape(left, right) || sizeOf(left) === 1 || sizeOf(right) === 1;
}

function axes({ shape }: tf.Tensor, bits: number): number[] {
  return shape.map((_, axis) => axis).filter((axis) => (bits >> axis) & 1);
}

function shapesOf(shape: Shape): Shape[] {
  const size = sizeOf(shape);
  const last = shape.at(-1) ?? 1;
  const halves = size % 2 === 0 ? [[2, size / 2], [size / 2, 2]] : [];
  return [[size], [size, 1], [1, size], [size / last, last], [...shape, 1], [1, ...shape], [...shape.slice(0, -1), 1, last], shape.filter((each) => each !== 1), ...halves];
}

function rotate(axes: readonly number[], by: number, flips: boolean): number[] {
  const turned = [...axes.slice(by), ...axes.slice(0, by)];
  return flips ? turned.reverse() : turned;
}

function cut(x: tf.Tensor, axis: number, begin: number): tf.Tensor {
  if ((x.shape[axis] ?? 1) < 2) return x;
  return tf.slice(x, x.shape.map((_, at) => (at === axis ? begin : 0)), x.shape.map((size, at) => (at === axis ? size - 1 : size)));
}
