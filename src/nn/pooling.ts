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
  return pooling('max', 'maxPool', { size, stride, padding });
}

/** The mean of each window, in the same shapes as `maxPool`. */
export function averagePool(size: number | Pair = 2, stride: number | Pair = size, { padding = 'valid' }: PoolOptions = {}): Layer {
  return pooling('average', 'averagePool', { size, stride, padding });
}

/** The largest value of each window along a sequence: `[T, n, length, C]` → `[T, n, length', C]`. */
export function maxPool1d(size = 2, stride = size, { padding = 'valid' }: PoolOptions = {}): Layer {
  return pooling1d('max', 'maxPool1d', { size, stride, padding });
}

/** The mean of each window along a sequence, in the same shapes as `maxPool1d`. */
export function averagePool1d(size = 2, stride = size, { padding = 'valid' }: PoolOptions = {}): Layer {
  return pooling1d('average', 'averagePool1d', { size, stride, padding });
}

/** The mean over all positions of images or sequences: `[T, n, H, W, C]` or `[T, n, length, C]` → `[T, n, C]`. */
export function globalAveragePool(): Layer {
  return globalPooling('average', 'globalAveragePool');
}

/**
 * The largest value of all positions, in the same shapes as `globalAveragePool`. Of values that are equal each gets the whole gradient,
 * as in TensorFlow.js; `maxPool` gives it to the first.
 */
export function globalMaxPool(): Layer {
  return globalPooling('max', 'globalMaxPool');
}

/** What becomes of the values of a window, or of all positions; and what tf.layers calls it. */
const kinds = {
  max: { windows: ops.maxPool, all: (x: tf.Tensor, axes: number[]) => tf.max(x, axes), standard: 'Max' },
  average: { windows: ops.averagePool, all: (x: tf.Tensor, axes: number[]) => tf.mean(x, axes), standard: 'Average' },
} as const;

function pooling(kind: keyof typeof kinds, name: string, options: Required<ops.PoolingOptions>): Layer {
  const { windows, standard } = kinds[kind];
  const window = expectPair(`${name}: size`, options.size);
  const steps = readSteps(name, { stride: options.stride, padding: options.padding });
  const config = { pool_size: window, strides: steps.strides, padding: steps.padding, data_format: 'channels_last' };
  return {
    name,
    build(inputShape) {
      const { positions, channels } = placeWindows(name, inputShape, window, steps);
      return {
        specs: {},
        inputShape,
        outputShape: [...positions, channels],
        apply: (_params, x) => windows(x, options),
        standardLayers: () => [{ className: `${standard}Pooling2D`, config }],
      };
    },
  };
}

interface SequencePooling {
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

function pooling1d(kind: keyof typeof kinds, name: string, { size, stride, padding }: SequencePooling): Layer {
  const config = { pool_size: [size], strides: [stride], padding };
  const layer = pooling(kind, name, { size: [1, size], stride: [1, stride], padding });
  const standardLayers = () => [{ className: `${kinds[kind].standard}Pooling1D`, config }];
  return onSequences(name, { layer, shortest: padding === 'valid' ? size : 1, standardLayers });
}

function globalPooling(kind: keyof typeof kinds, name: string): Layer {
  const { all, standard } = kinds[kind];
  return {
    name,
    build(inputShape) {
      if (inputShape.length !== 2 && inputShape.length !== 3)
        throw new ShapeError(`${name}: expected images [height, width, channels] or sequences [length, channels], got ${formatShape(inputShape)}.`);
      const axes = inputShape.length - 1;
      return {
        specs: {},
        inputShape,
        outputShape: inputShape.slice(-1),
        apply: (_params, x) => all(x, axes === 2 ? [2, 3] : [2]),
        standardLayers: () => [{ className: `Global${standard}Pooling${axes}D`, config: axes === 2 ? { data_format: 'channels_last' } : {} }],
      };
    },
  };
}
