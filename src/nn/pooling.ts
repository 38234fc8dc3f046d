import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { expectPair, type Pair } from '../core/pair';
import { formatShape } from '../core/shape';
import * as ops from '../ops/pooling';
import { readSteps, type Padding } from '../ops/window-steps';
import { placeWindows } from './image-shape';
import type { Layer } from './layer';
import { onSequences } from './on-sequences';

export interface PoolOptions {
  /**
   * `'valid'` leaves out rows that fill no window; `'same'` keeps ⌈size / stride⌉ windows, of which those at the edge hold
   * fewer pixels. @default 'valid'
   */
  readonly padding?: Padding;
}

/** The largest value of each window, by default side by side; `[height, width]` where a size or stride is not square. */
export function maxPool(size: number | Pair = 2, stride: number | Pair = size, { padding = 'valid' }: PoolOptions = {}): Layer {
  return pooling('maxPool', ops.maxPool, { size, stride, padding });
}

/** The mean of each window, in the same shapes as `maxPool`. */
export function averagePool(size: number | Pair = 2, stride: number | Pair = size, { padding = 'valid' }: PoolOptions = {}): Layer {
  return pooling('averagePool', ops.averagePool, { size, stride, padding });
}

/** The largest value of each window along a sequence: `[T, n, length, C]` → `[T, n, length', C]`. */
export function maxPool1d(size = 2, stride = size, { padding = 'valid' }: PoolOptions = {}): Layer {
  return pooling1d('maxPool1d', ops.maxPool, size, stride, padding);
}

/** The mean of each window along a sequence, in the same shapes as `maxPool1d`. */
export function averagePool1d(size = 2, stride = size, { padding = 'valid' }: PoolOptions = {}): Layer {
  return pooling1d('averagePool1d', ops.averagePool, size, stride, padding);
}

/** The mean over all positions of images or sequences: `[T, n, H, W, C]` or `[T, n, length, C]` → `[T, n, C]`. */
export function globalAveragePool(): Layer {
  return globalPooling('globalAveragePool', (x, axes) => tf.mean(x, axes));
}

/** The largest value of all positions, in the same shapes as `globalAveragePool`. Values that are equal share the gradient. */
export function globalMaxPool(): Layer {
  return globalPooling('globalMaxPool', (x, axes) => tf.max(x, axes));
}

type Pool = (x: tf.Tensor, options: ops.PoolingOptions) => tf.Tensor;

function pooling(name: string, pool: Pool, options: Required<ops.PoolingOptions>): Layer {
  const window = expectPair(`${name}: size`, options.size);
  const steps = readSteps(name, { stride: options.stride, padding: options.padding });
  return {
    name,
    build(inputShape) {
      const { positions, channels } = placeWindows(name, inputShape, window, steps);
      return { specs: {}, inputShape, outputShape: [...positions, channels], apply: (_params, x) => pool(x, options) };
    },
  };
}

function pooling1d(name: string, pool: Pool, size: number, stride: number, padding: Padding): Layer {
  const layer = pooling(name, pool, { size: [1, size], stride: [1, stride], padding });
  return onSequences(name, padding === 'valid' ? size : 1, layer);
}

function globalPooling(name: string, pool: (x: tf.Tensor, axes: number[]) => tf.Tensor): Layer {
  return {
    name,
    build(inputShape) {
      if (inputShape.length !== 2 && inputShape.length !== 3)
        throw new ShapeError(`${name}: expected images [height, width, channels] or sequences [length, channels], got ${formatShape(inputShape)}.`);
      return {
        specs: {},
        inputShape,
        outputShape: inputShape.slice(-1),
        apply: (_params, x) => pool(x, inputShape.slice(1).map((_, axis) => axis + 2)),
      };
    },
  };
}
