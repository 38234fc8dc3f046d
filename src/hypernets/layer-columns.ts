import * as tf from '@tensorflow/tfjs';
import { layerOf, type Params, type ParamSpec, type ParamSpecs } from '../core/params';
import { sizeOf, type Shape } from '../core/shape';
import type { Spread } from './hyperfan';

/**
 * A layer as columns, one for each of its output features or filters: the weights that lead to it, its bias, its norm's
 * scale and shift.
 */
export interface LayerColumns {
  readonly columns: number;
  /** Values in a column. */
  readonly length: number;
  /** Tensors whose values a column holds, one after another. */
  readonly tensors: readonly { readonly name: string; readonly shape: Shape; readonly length: number }[];
}

/**
 * The layers of a target, named `dense1/columns40`. Tensors of one layer that differ in their number of features count
 * as layers of their own.
 */
export function layerColumns(target: ParamSpecs): Readonly<Record<string, LayerColumns>> {
  const keyOf = (name: string) => `${layerOf(name)}${layerOf(name) && '/'}columns${columnsOf(target[name]!)}`;
  const keys = [...new Set(Object.keys(target).map((name) => keyOf(name)))];
  const layers = keys.map((key): [string, LayerColumns] => {
    const names = Object.keys(target).filter((name) => keyOf(name) === key);
    const columns = columnsOf(target[names[0]!]!);
    const tensors = names.map((name) => ({ name, shape: target[name]!.shape, length: sizeOf(target[name]!.shape) / columns }));
    return [key, { columns, length: tensors.reduce((sum, { length }) => sum + length, 0), tensors }];
  });
  return Object.fromEntries(layers);
}

/** Columns `[T, columns, length]` of variance 1 → the layer's tensors, each with its own mean and deviation. */
export function fromColumns(
  { columns, length, tensors }: LayerColumns,
  spread: Readonly<Record<string, Spread>>,
  values: tf.Tensor,
): Params {
  const tasks = values.shape[0];
  const kept = tf.transpose(tf.slice(values, [0, 0, 0], [tasks, columns, length]), [0, 2, 1]); // what is padding goes
  const parts = tf.split(kept, tensors.map((tensor) => tensor.length), 1);
  return Object.fromEntries(
    tensors.map(({ name, shape }, index) => [name, spreadOut(tf.reshape(parts[index]!, [tasks, ...shape]), spread[name]!)]),
  );
}

/** Values of mean 0 and variance 1 with another mean and deviation. */
export function spreadOut(value: tf.Tensor, { mean, deviation }: Spread): tf.Tensor {
  const scaled = tf.mul(value, deviation);
  return mean === 0 ? scaled : tf.add(scaled, mean);
}

function columnsOf({ shape }: ParamSpec): number {
  return shape.at(-1) ?? 1;
}
