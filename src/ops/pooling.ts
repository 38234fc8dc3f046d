import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { areaOf, expectPair, type Pair } from '../core/pair';
import { formatShape, type Shape } from '../core/shape';
import { mergeTasks, splitTasks } from './define-convolution';
import { defineKernel } from './kernels';
import { heldBy, layApart, layTogether, positionsOf, type Windows } from './lay-windows';
import { readSteps, type Padding } from './window-steps';

export interface PoolingOptions {
  /** Height and width of a window, or one number for both. @default 2 */
  readonly size?: number | Pair;
  /** Distance between windows. @default the size */
  readonly stride?: number | Pair;
  /**
   * `'valid'` leaves out rows that fill no window; `'same'` keeps ⌈size / stride⌉ windows, of which those at the edge hold
   * fewer pixels. @default 'valid'
   */
  readonly padding?: Padding;
}

/**
 * The largest value of each window: `[T, n, H, W, C]` → `[T, n, H', W', C]`. Of equal values the first in reading order
 * wins, and alone receives the gradient. The caller disposes.
 *
 * @throws ShapeError if a window is larger than the image
 */
export function maxPool(x: tf.Tensor, options: PoolingOptions = {}): tf.Tensor {
  return largest({ x }, attributesOf(checked('maxPool', x, options)));
}

/** The mean of each window over the pixels that it holds, in the same shapes as `maxPool`. */
export function averagePool(x: tf.Tensor, options: PoolingOptions = {}): tf.Tensor {
  const windows = checked('averagePool', x, options);
  if (windows.padding === 'valid') return mean({ x }, attributesOf(windows));
  return tf.tidy(() => tf.mul(mean({ x }, attributesOf(windows)), overHeld(x.shape, windows)));
}

const largest = defineKernel(
  'HypermetaMaxPool',
  ['x'],
  ({ x }, attributes) => splitTasks(largestOf(x!, read(attributes)), x!.shape),
  (dy, [x], attributes) => ({ x: () => route({ x: x!, dy }, attributes) }),
);

// Which value wins is flat in x, and `route` and `pick` are linear in their second input and each other's adjoint.

/** dy to the winners' places in x: the gradient of max pooling. */
const route = defineKernel(
  'HypermetaMaxPoolGradient',
  ['x', 'dy'],
  ({ x, dy }, attributes) => {
    const windows = read(attributes);
    return layTogether(tf.mul(winners(x!, windows), tf.reshape(dy!, [1, -1])), windows, x!.shape);
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
    const windows = read(attributes);
    const picked = tf.sum(tf.mul(winners(x!, windows), layApart(values!, windows, 0)), 0);
    return tf.reshape(picked, [...x!.shape.slice(0, 2), ...positionsOf(x!.shape, windows), x!.shape[4]!]);
  },
  (dd, [x], attributes) => ({
    x: () => tf.zerosLike(x!),
    values: () => route({ x: x!, dy: dd }, attributes),
  }),
);

/** The sum of each window over its area; padding counts as 0. */
const mean = defineKernel(
  'HypermetaAveragePool',
  ['x'],
  ({ x }, attributes) => {
    const windows = read(attributes);
    if (windows.padding === 'same') {
      const average = tf.mean(layApart(x!, windows, 0), 0);
      return tf.reshape(average, [...x!.shape.slice(0, 2), ...positionsOf(x!.shape, windows), x!.shape[4]!]);
    }
    return splitTasks(tf.avgPool(mergeTasks(x!), [...windows.window], [...windows.strides], 'valid'), x!.shape);
  },
  (dy, [x], attributes) => ({ x: () => spread({ dy }, { ...attributes, shape: x!.shape }) }),
);

/** dy divided evenly over its window: the gradient of average pooling. */
const spread = defineKernel(
  'HypermetaAveragePoolGradient',
  ['dy'],
  ({ dy }, attributes) => {
    const windows = read(attributes);
    const places = areaOf(windows.window);
    const share = tf.fill([places, 1], 1 / places);
    return layTogether(tf.mul(share, tf.reshape(dy!, [1, -1])), windows, attributes.shape as number[]);
  },
  (dd, _saved, attributes) => ({ dy: () => mean({ x: dd }, attributes) }),
);

/** Less than any other number, and finite: 0 times it is 0. */
const lowest = -3.4028234663852886e38;

/** 1 where a window's winner is, 0 elsewhere: `[places, windows]`. */
function winners(x: tf.Tensor, windows: Windows): tf.Tensor {
  const values = layApart(x, windows, lowest);
  const isLargest = tf.cast(tf.equal(tf.reshape(largestOf(x, windows), [1, -1]), values), 'float32'); // not by a difference: of infinities it is NaN
  // Less one for each equal value before it: 1 is left where there is none.
  const places = areaOf(windows.window);
  const order = Array.from({ length: places }, (_, place) =>
    Array.from({ length: places }, (_each, other) => (other === place ? 1 : other < place ? -1 : 0)),
  );
  return tf.relu(tf.matMul(tf.tensor2d(order), isLargest as tf.Tensor2D));
}

function largestOf(x: tf.Tensor, { window, strides, padding }: Windows): tf.Tensor {
  return tf.maxPool(mergeTasks(x), [...window], [...strides], padding);
}

/** The area of each window over the number of pixels in it: `[H', W', 1]`. */
function overHeld(shape: Shape, windows: Windows): tf.Tensor {
  const ratios = heldBy(shape, windows).map((held) => areaOf(windows.window) / held);
  return tf.tensor(ratios, [...positionsOf(shape, windows), 1]);
}

function attributesOf({ window, strides, padding, dilations }: Windows): tf.NamedAttrMap {
  return { window: [...window], strides: [...strides], padding, dilations: [...dilations] };
}

function read(attributes: tf.NamedAttrMap): Windows {
  return attributes as unknown as Windows; // written by this file only
}

function checked(where: string, x: tf.Tensor, { size = 2, stride = size, padding = 'valid' }: PoolingOptions): Windows {
  const window = expectPair(`${where}: size`, size);
  const steps = readSteps(where, { stride, padding });
  if (x.rank !== 5 || (padding === 'valid' && (x.shape[2]! < window[0] || x.shape[3]! < window[1])))
    throw new ShapeError(
      `${where}: expected images [T, n, H, W, C] no smaller than ${window.join(' × ')}, got ${formatShape(x.shape)}.`,
    );
  return { ...steps, window };
}
