import * as tf from '@tensorflow/tfjs';
import { expectCount, ShapeError } from '../core/errors';
import { formatShape, type Shape } from '../core/shape';
import { defineKernel } from './kernels';
import { outputSize } from './task-convolution';

export interface PoolingOptions {
  /** Height and width of a window. @default 2 */
  readonly size?: number;
  /** Distance between windows. @default the size */
  readonly stride?: number;
}

/**
 * The largest value of each window: `[T, n, H, W, C]` → `[T, n, H', W', C]`; rows that fill no window are left out. Of
 * equal values the first in reading order wins, and alone receives the gradient. The caller disposes.
 *
 * @throws ShapeError if a window is larger than the image
 */
export function maxPool(x: tf.Tensor, options: PoolingOptions = {}): tf.Tensor {
  const { size, stride } = checked('maxPool', x, options);
  return tf.tidy(() => largest({ x: side(x, size, stride) }, { size }));
}

/** The mean of each window, in the same shapes as `maxPool`. */
export function averagePool(x: tf.Tensor, options: PoolingOptions = {}): tf.Tensor {
  const { size, stride } = checked('averagePool', x, options);
  return tf.tidy(() => mean({ x: side(x, size, stride) }, { size }));
}

/** Images whose windows lie side by side: windows that overlap, or have gaps between them, are copied apart. */
function side(x: tf.Tensor, size: number, stride: number): tf.Tensor {
  if (stride === size) return x;
  const [tasks, n, height, width, channels] = x.shape as [number, number, number, number, number];
  const rows = chosen(height, size, stride);
  const columns = chosen(width, size, stride);
  const byRow = tf.matMul(rows, tf.reshape(x, [tasks * n, height, width * channels]));
  const byColumn = tf.matMul(columns, tf.reshape(byRow, [-1, width, channels]));
  return tf.reshape(byColumn, [tasks, n, rows.shape[0], columns.shape[0], channels]);
}

/** One-hot rows that choose the places of all windows along an axis. */
function chosen(axisSize: number, size: number, stride: number): tf.Tensor {
  const windows = outputSize(axisSize, size, stride, 'valid');
  const places = Array.from({ length: windows * size }, (_, index) => Math.floor(index / size) * stride + (index % size));
  return tf.cast(tf.oneHot(tf.tensor1d(places, 'int32'), axisSize), 'float32');
}

const largest = defineKernel(
  'HypermetaMaxPool',
  ['x'],
  ({ x }, { size }) => split(tf.maxPool(merge(x!), size as number, size as number, 'valid'), x!.shape),
  (dy, [x], attributes) => ({ x: () => route({ x: x!, dy }, attributes) }),
);

// Which value wins is flat in x, and `route` and `pick` are linear in their second input and each other's adjoint.

/** dy to the winners' places in x: the gradient of max pooling. */
const route = defineKernel(
  'HypermetaMaxPoolGradient',
  ['x', 'dy'],
  ({ x, dy }, attributes) => {
    const size = attributes.size as number;
    return together(tf.mul(winners(x!, size), tf.reshape(dy!, [1, -1])), size, x!.shape);
  },
  (dd, [x], attributes) => ({
    x: () => tf.zerosLike(x!),
    dy: () => pick({ x: x!, values: dd }, attributes),
  }),
);

/** Of `values`, in the shape of x, those at the winners' places. */
const pick = defineKernel(
  'HypermetaMaxPoolPick',
  ['x', 'values'],
  ({ x, values }, attributes) => {
    const size = attributes.size as number;
    const [tasks, n, height, width, channels] = x!.shape as [number, number, number, number, number];
    const picked = tf.sum(tf.mul(winners(x!, size), apart(values!, size)), 0);
    return tf.reshape(picked, [tasks, n, Math.floor(height / size), Math.floor(width / size), channels]);
  },
  (dd, [x], attributes) => ({
    x: () => tf.zerosLike(x!),
    values: () => route({ x: x!, dy: dd }, attributes),
  }),
);

const mean = defineKernel(
  'HypermetaAveragePool',
  ['x'],
  ({ x }, { size }) => split(tf.avgPool(merge(x!), size as number, size as number, 'valid'), x!.shape),
  (dy, [x], { size }) => ({ x: () => spread({ dy }, { size: size!, shape: x!.shape }) }),
);

/** dy divided evenly over its window: the gradient of average pooling. */
const spread = defineKernel(
  'HypermetaAveragePoolGradient',
  ['dy'],
  ({ dy }, attributes) => {
    const [size, shape] = [attributes.size as number, attributes.shape as number[]];
    const share = tf.fill([size * size, 1], 1 / (size * size));
    return together(tf.mul(share, tf.reshape(dy!, [1, -1])), size, shape);
  },
  (dd, _saved, { size }) => ({ dy: () => mean({ x: dd }, { size: size! }) }),
);

/** 1 where a window's winner is, 0 elsewhere: `[size², windows]`. */
function winners(x: tf.Tensor, size: number): tf.Tensor {
  const windows = apart(x, size);
  const largest = tf.reshape(tf.maxPool(merge(x), size, size, 'valid'), [1, -1]);
  const isLargest = tf.sub(1, tf.step(tf.sub(largest, windows)));
  // Less one for each equal value before it: 1 is left where there is none.
  const places = size * size;
  const order = Array.from({ length: places }, (_, place) =>
    Array.from({ length: places }, (_, other) => (other === place ? 1 : other < place ? -1 : 0)),
  );
  return tf.relu(tf.matMul(tf.tensor2d(order), isLargest as tf.Tensor2D));
}

/** `[T, n, H, W, C]` → `[size², windows]`: a row for each place in a window, in reading order. */
function apart(x: tf.Tensor, size: number): tf.Tensor {
  const [count, height, width, channels] = merge(x).shape;
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  const fits = rows * size === height && columns * size === width;
  const whole = fits ? x : tf.slice(merge(x), [0, 0, 0, 0], [count, rows * size, columns * size, channels]);
  // Two transposes of rank 3: one of rank 5 takes 50 times as long on wasm.
  const byColumn = tf.transpose(tf.reshape(whole, [-1, size, channels]), [1, 0, 2]);
  const byPlace = tf.transpose(tf.reshape(byColumn, [-1, size, columns * channels]), [1, 0, 2]);
  return tf.reshape(byPlace, [size * size, -1]);
}

/** Undoes `apart`, with zeros where no window was. */
function together(windows: tf.Tensor, size: number, shape: Shape): tf.Tensor {
  const [tasks, n, height, width, channels] = shape as [number, number, number, number, number];
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  const byColumn = tf.transpose(tf.reshape(windows, [size, -1, columns * channels]), [1, 0, 2]);
  const whole = tf.transpose(tf.reshape(byColumn, [size, -1, channels]), [1, 0, 2]);
  const images = tf.reshape(whole, [tasks * n, rows * size, columns * size, channels]);
  const padded = tf.pad(images, [[0, 0], [0, height - rows * size], [0, width - columns * size], [0, 0]]);
  return tf.reshape(padded, [...shape]);
}

function merge(x: tf.Tensor): tf.Tensor4D {
  const [tasks, n, ...rest] = x.shape as [number, number, number, number, number];
  return tf.reshape(x, [tasks * n, ...rest]);
}

function split(merged: tf.Tensor, [tasks, n]: Shape): tf.Tensor {
  return tf.reshape(merged, [tasks!, n!, ...merged.shape.slice(1)]);
}

function checked(where: string, x: tf.Tensor, { size = 2, stride = size }: PoolingOptions): { size: number; stride: number } {
  expectCount(`${where}: size`, size);
  expectCount(`${where}: stride`, stride);
  if (x.rank !== 5 || x.shape[2]! < size || x.shape[3]! < size)
    throw new ShapeError(
      `${where}: expected images [T, n, H, W, C] no smaller than ${size} × ${size}, got ${formatShape(x.shape)}.`,
    );
  return { size, stride };
}
