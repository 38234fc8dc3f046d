import * as tf from '@tensorflow/tfjs';
import { expectOneOf, ShapeError } from '../core/errors';
import { formatShape, sameShape, type Shape } from '../core/shape';
import type { StandardLayer } from '../core/standard-layer';

/** Several values into one, without parameters: what a `graph` joins its branches with. */
export interface Join {
  readonly name: string;
  /** @throws ShapeError if such values cannot be joined */
  build(shapes: readonly Shape[]): Joined;
}

/** A join in its place: of values `[T|1, n, ...shape]`, in the order of the shapes. The caller disposes. */
export interface Joined {
  readonly outputShape: Shape;
  /** The values, each `[T|1, n, ...shape]`, as one. */
  apply(values: readonly tf.Tensor[]): tf.Tensor;
  /** The same in tf.layers; absent where it has none. */
  readonly standardLayer?: StandardLayer;
}

const elementwise = {
  add: (values: readonly tf.Tensor[]) => values.reduce((sum, value) => tf.add(sum, value)),
  /** The first less the second. */
  subtract: (values: readonly tf.Tensor[]) => values.reduce((rest, value) => tf.sub(rest, value)),
  multiply: (values: readonly tf.Tensor[]) => values.reduce((product, value) => tf.mul(product, value)),
  average: (values: readonly tf.Tensor[]) => tf.div(values.reduce((sum, value) => tf.add(sum, value)), values.length),
  maximum: (values: readonly tf.Tensor[]) => values.reduce((largest, value) => tf.maximum(largest, value)),
  minimum: (values: readonly tf.Tensor[]) => values.reduce((least, value) => tf.minimum(least, value)),
} as const;

/** Value by value; an axis of size 1 stands for any size. */
export type ElementwiseJoin = keyof typeof elementwise;

export type JoinName = ElementwiseJoin | 'concat';

/** A join by its name; `'concat'` along the last axis. @throws RangeError for an unknown name */
export function joinOf(name: JoinName): Join {
  return name === 'concat' ? concatenation() : elementwiseJoin(name);
}

function elementwiseJoin(name: ElementwiseJoin): Join {
  expectOneOf('join', name, [...Object.keys(elementwise), 'concat']);
  return {
    name,
    build(shapes) {
      const [first, ...others] = expectSeveral(name, shapes);
      if (name === 'subtract' && others.length !== 1)
        throw new RangeError(`join: subtract: expected 2 values, got ${shapes.length}.`);
      const outputShape = first.map((size, axis) => Math.max(size, ...others.map((shape) => shape[axis] ?? 0)));
      const fits = shapes.every((shape) => shape.length === first.length && shape.every((size, axis) => size === 1 || size === outputShape[axis]));
      if (!fits) throw new ShapeError(`join: ${name}: expected values of one shape, got ${formatShapes(shapes)}.`);
      const isStandard = name !== 'subtract' && shapes.every((shape) => sameShape(shape, first));
      const className = `${name[0]!.toUpperCase()}${name.slice(1)}`; // as tf.layers calls it
      return { outputShape, apply: (values) => tf.tidy(() => elementwise[name](values)), ...(isStandard ? { standardLayer: { className } } : {}) };
    },
  };
}

/** Values one after another along an axis of `[...shape]`, counted from the end if below 0. @default the last */
export function concatenation({ axis = -1 }: { readonly axis?: number } = {}): Join {
  return {
    name: 'concat',
    build(shapes) {
      const [first] = expectSeveral('concat', shapes);
      const along = axis < 0 ? axis + first.length : axis;
      const fits = shapes.every((shape) => shape.length === first.length && shape.every((size, at) => at === along || size === first[at]));
      if (!fits || !(along in first))
        throw new ShapeError(`join: concat: expected values that differ along axis ${axis} alone, got ${formatShapes(shapes)}.`);
      const total = shapes.reduce((sum, shape) => sum + shape[along]!, 0);
      return {
        outputShape: first.map((size, at) => (at === along ? total : size)),
        apply: (values) => tf.tidy(() => tf.concat(forAllTasks(values), along + 2)),
        standardLayer: { className: 'Concatenate', config: { axis: along + 1 } },
      };
    },
  };
}

export interface DotProductOptions {
  /** Of each of the two values, the axis to sum over, counted without T and n; from the end if below 0. @default the last of both */
  readonly axes?: readonly [number, number];
  /** `'cosine'`: of values of length 1 along their axis. @default 'none' */
  readonly normalize?: 'none' | 'cosine';
}

/** Sums of products of two vectors, `[F]` and `[F]` → `[1]`, or of two matrices, `[L, F]` and `[M, F]` → `[L, M]`. */
export function dotProduct({ axes = [-1, -1], normalize = 'none' }: DotProductOptions = {}): Join {
  return {
    name: 'dot',
    build(shapes) {
      const [left, right] = expectSeveral('dot', shapes);
      const [first, second] = axes.map((axis) => (axis < 0 ? axis + left.length : axis)) as [number, number];
      const fits = shapes.length === 2 && left.length <= 2 && left.length === right!.length && first in left && left[first] === right![second];
      if (!fits)
        throw new ShapeError(`join: dot: expected 2 vectors or 2 matrices of as many values along axes ${axes.join(' and ')}, got ${formatShapes(shapes)}.`);
      const scaled = (value: tf.Tensor, axis: number) => (normalize === 'cosine' ? unit(value, axis + 2) : value);
      if (left.length === 1)
        return {
          outputShape: [1],
          apply: ([one, other]) => tf.tidy(() => tf.sum(tf.mul(scaled(one!, 0), scaled(other!, 0)), -1, true)),
        };
      return {
        outputShape: [left[1 - first]!, right![1 - second]!],
        apply: (values) =>
          tf.tidy(() => {
            const [one, other] = forAllTasks(values) as [tf.Tensor, tf.Tensor];
            return tf.matMul(scaled(one, first), scaled(other, second), first === 0, second === 1);
          }),
      };
    },
  };
}

function unit(value: tf.Tensor, axis: number): tf.Tensor {
  return tf.mul(value, tf.rsqrt(tf.maximum(tf.sum(tf.square(value), axis, true), 1e-12)));
}

/** Copies of values that all tasks share, where others have one for each task. */
function forAllTasks(values: readonly tf.Tensor[]): tf.Tensor[] {
  const tasks = Math.max(...values.map((value) => value.shape[0]));
  return values.map((value) => (value.shape[0] === tasks ? value : tf.tile(value, [tasks, ...value.shape.slice(1).map(() => 1)])));
}

function expectSeveral(name: string, shapes: readonly Shape[]): readonly [Shape, ...Shape[]] {
  if (shapes.length < 2) throw new RangeError(`join: ${name}: expected at least 2 values, got ${shapes.length}.`);
  return shapes as [Shape, ...Shape[]];
}

function formatShapes(shapes: readonly Shape[]): string {
  return shapes.map((shape) => formatShape(shape)).join(', ');
}
