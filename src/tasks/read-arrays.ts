import type * as tf from '@tensorflow/tfjs';
import { DataError, ShapeError } from '../core/errors';
import { expectShape, formatShape, sameShape, sizeOf, type Shape } from '../core/shape';

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** Nested lists of numbers. A typed array is flat: it stands for as many values as fill the rest of the shape. */
export type NumberLists = number | TypedArray | readonly NumberLists[];

/** What a user may hand in where numbers are asked for. */
export type NumberSource = NumberLists | tf.Tensor;

/** Values of `count` examples, row-major. */
export interface ReadValues {
  readonly values: Float32Array;
  readonly count: number;
}

/**
 * A list of examples of one shape: nested lists, typed arrays (flat, or a list of one per example) or a tensor
 * `[n, ...shape]`. Where the shape is `[1]`, a number may stand for `[number]`. Bytes are multiplied by `byteScale`.
 *
 * @throws ShapeError for another shape; DataError for no examples, NaN or infinity.
 */
export function readList(where: string, source: NumberSource, shape: Shape, byteScale = 1): ReadValues {
  const size = sizeOf(shape);
  const { values, count } = isTensor(source) ? readTensor(where, source, shape) : readLists(where, source, shape, byteScale);
  if (count === 0) throw new DataError(`${where}: expected at least 1 example, got none.`);
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0)
    throw new DataError(`${where}: expected finite numbers, got ${values[broken]} in example ${Math.floor(broken / size)}.`);
  return { values, count };
}

export function isTensor(source: unknown): source is tf.Tensor {
  return typeof source === 'object' && source !== null && 'dataSync' in source && 'shape' in source;
}

export function isTypedArray(source: unknown): source is TypedArray {
  return ArrayBuffer.isView(source) && !(source instanceof DataView);
}

/** Sizes of nested lists, read along their first elements: `[[1, 2], [3, 4], [5, 6]]` → `[3, 2]`. */
export function measureLists(source: unknown): Shape {
  const shape: number[] = [];
  for (let inner = source; Array.isArray(inner) || isTypedArray(inner); inner = inner[0] as unknown) {
    if (shape.length === mostAxes) throw new DataError(`lists: expected at most ${mostAxes} inside one another, got more.`);
    shape.push(inner.length);
  }
  return shape;
}

const mostAxes = 16;

function readTensor(where: string, tensor: tf.Tensor, shape: Shape): ReadValues {
  expectShape(where, tensor, [null, ...shape]);
  return { values: Float32Array.from(tensor.dataSync()), count: tensor.shape[0] };
}

function readLists(where: string, source: NumberLists, shape: Shape, byteScale: number): ReadValues {
  const size = sizeOf(shape);
  const refuse = () =>
    new ShapeError(`${where}: expected shape ${formatShape([null, ...shape])}, got ${formatShape(measureLists(source))}.`);
  if (typeof source === 'number') throw refuse();
  if (isTypedArray(source)) {
    if (source.length % size !== 0) throw refuse();
    return { values: scaled(source, byteScale), count: source.length / size };
  }
  const values = new Float32Array(source.length * size);
  Array.from(source).forEach((example, index) => { // also the holes of a list
    if (fill(example, shape, values.subarray(index * size, (index + 1) * size), byteScale)) return;
    const found = measureLists(example);
    if (sameShape(found, shape))
      throw new ShapeError(`${where}[${index}]: expected lists of one length, as in shape ${formatShape(shape)}, got ragged ones.`);
    if (index === 0) throw refuse();
    throw new ShapeError(`${where}[${index}]: expected shape ${formatShape(shape)}, got ${formatShape(found)}.`);
  });
  return { values, count: source.length };
}

/** Writes nested lists into `into`; false when they do not have the shape. */
function fill(source: unknown, shape: Shape, into: Float32Array, byteScale: number): boolean {
  if (typeof source === 'number') {
    into[0] = source;
    return into.length === 1 && shape.length <= 1;
  }
  if (isTypedArray(source)) {
    if (source.length !== into.length) return false;
    into.set(scaled(source, byteScale));
    return true;
  }
  if (!Array.isArray(source) || shape.length === 0 || source.length !== shape[0]) return false;
  const size = into.length / source.length;
  const inner = shape.slice(1);
  return Array.from(source).every((item, index) => fill(item, inner, into.subarray(index * size, (index + 1) * size), byteScale));
}

function scaled(source: TypedArray, byteScale: number): Float32Array {
  const isBytes = source instanceof Uint8Array || source instanceof Uint8ClampedArray;
  const values = new Float32Array(source); // many times as fast as Float32Array.from
  if (isBytes && byteScale !== 1) for (let i = 0; i < values.length; i++) values[i]! *= byteScale;
  return values;
}
