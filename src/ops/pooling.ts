import * as tf from '@tensorflow/tfjs';
import { expectCount, ShapeError } from '../core/errors';
import { formatShape } from '../core/shape';
import { defineKernel } from './kernels';

export interface PoolingOptions {
  /** Height and width of a window. @default 2 */
  readonly size?: number;
  /** Distance between windows. @default the size */
  readonly stride?: number;
}

/**
 * The largest value of each window: `[T, n, H, W, C]` → `[T, n, H', W', C]`; rows that fill no window are left out. Where
 * values tie, the first in reading order wins, and alone receives the gradient. The caller disposes.
 *
 * @throws ShapeError if a window is larger than the image
 */
export function maxPool(x: tf.Tensor, options: PoolingOptions = {}): tf.Tensor {
  return maximum({ x }, checked('maxPool', x, options));
}

/** The mean of each window, in the same shapes as `maxPool`. */
export function averagePool(x: tf.Tensor, options: PoolingOptions = {}): tf.Tensor {
  return average({ x }, checked('averagePool', x, options));
}

// Which value wins does not change with x but at ties: `route` and `pick` are linear in their second argument and flat in
// x. They are each other's adjoint.

const maximum = defineKernel(
  'HypermetaMaxPool',
  ['x'],
  ({ x }, { size, stride }) => split(tf.maxPool(merge(x!), size as number, stride as number, 'valid'), x!),
  (dy, [x], attributes) => ({ x: () => route({ x: x!, dy }, attributes) }),
);

/** dy `[T, n, H', W', C]` to the winners' places in x: the gradient of max pooling. */
const route = defineKernel(
  'HypermetaMaxPoolGradient',
  ['x', 'dy'],
  ({ x, dy }, attributes) => {
    const places = tf.reshape(winners(x!, attributes), [-1, 1]);
    return tf.reshape(tf.scatterND(places, tf.reshape(dy!, [-1]), [x!.size]), x!.shape);
  },
  (dd, [x], attributes) => ({
    x: () => tf.zerosLike(x!),
    dy: () => pick({ x: x!, values: dd }, attributes),
  }),
);

/** Of `values` `[T, n, H, W, C]`, those at the winners' places in x. */
const pick = defineKernel(
  'HypermetaMaxPoolPick',
  ['x', 'values'],
  ({ x, values }, attributes) => {
    const places = winners(x!, attributes);
    return split(tf.reshape(tf.gather(tf.reshape(values!, [-1]), tf.reshape(places, [-1])), places.shape), x!);
  },
  (dd, [x], attributes) => ({
    x: () => tf.zerosLike(x!),
    values: () => route({ x: x!, dy: dd }, attributes),
  }),
);

const average = defineKernel(
  'HypermetaAveragePool',
  ['x'],
  ({ x }, { size, stride }) => split(tf.avgPool(merge(x!), size as number, stride as number, 'valid'), x!),
  (dy, [x], attributes) => ({ x: () => spread({ dy }, { ...attributes, shape: x!.shape }) }),
);

/** dy divided evenly over its window: the gradient of average pooling. */
const spread = defineKernel(
  'HypermetaAveragePoolGradient',
  ['dy'],
  ({ dy }, { size, stride, shape }) => {
    const input = tf.zeros(shape as number[]); // only its shape counts
    return split(run('AvgPoolGrad', { dy: merge(dy!), input: merge(input) }, { filterSize: size!, strides: stride!, pad: 'valid' }), input);
  },
  (dd, _saved, { size, stride }) => ({ dy: () => average({ x: dd }, { size: size!, stride: stride! }) }),
);

/** Where in x the largest value of each window is, as positions in the whole of x: `[T · n, H', W', C]`. */
function winners(x: tf.Tensor, { size, stride }: tf.NamedAttrMap): tf.Tensor {
  const { indexes } = tf.maxPoolWithArgmax(merge(x), size as number, stride as number, 'valid', true);
  return tf.cast(indexes!, 'int32');
}

function run(kernelName: string, inputs: Record<string, tf.Tensor>, attributes: tf.NamedAttrMap): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attributes);
}

function merge(x: tf.Tensor): tf.Tensor4D {
  const [tasks, n, ...rest] = x.shape as [number, number, number, number, number];
  return tf.reshape(x, [tasks * n, ...rest]);
}

function split(merged: tf.Tensor, like: tf.Tensor): tf.Tensor {
  return tf.reshape(merged, [...like.shape.slice(0, 2), ...merged.shape.slice(1)]);
}

function checked(where: string, x: tf.Tensor, { size = 2, stride = size }: PoolingOptions): { size: number; stride: number } {
  expectCount(`${where}: size`, size);
  expectCount(`${where}: stride`, stride);
  if (x.rank !== 5 || x.shape[2]! < size || x.shape[3]! < size)
    throw new ShapeError(`${where}: expected images [T, n, H, W, C] no smaller than ${size} × ${size}, got ${formatShape(x.shape)}.`);
  return { size, stride };
}
