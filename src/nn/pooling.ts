import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { formatShape, type Shape } from '../core/shape';
import * as ops from '../ops/pooling';
import { outputSize } from '../ops/task-convolution';
import type { Layer } from './layer';

/** The largest value of each `size × size` window; rows that fill no window are left out. */
export function maxPool(size = 2, stride = size): Layer {
  return poolingLayer('maxPool', 'MaxPooling2D', { size, stride }, (x) => ops.maxPool(x, { size, stride }));
}

/** The mean of each `size × size` window; rows that fill no window are left out. */
export function averagePool(size = 2, stride = size): Layer {
  return poolingLayer('averagePool', 'AveragePooling2D', { size, stride }, (x) => ops.averagePool(x, { size, stride }));
}

/** The mean over all positions: `[T, n, H, W, C]` → `[T, n, C]`. */
export function globalAveragePool(): Layer {
  return {
    name: 'globalAveragePool',
    build(inputShape) {
      expectImage('globalAveragePool', inputShape, 1);
      return {
        specs: {},
        inputShape,
        outputShape: inputShape.slice(-1),
        apply: (_params, x) => tf.mean(x, [2, 3]),
        standardLayers: () => [{ className: 'GlobalAveragePooling2D', config: { data_format: 'channels_last' } }],
      };
    },
  };
}

function poolingLayer(
  name: string,
  className: string,
  { size, stride }: { readonly size: number; readonly stride: number },
  pool: (x: tf.Tensor) => tf.Tensor,
): Layer {
  return {
    name,
    build(inputShape) {
      const [height, width, channels] = expectImage(name, inputShape, size);
      return {
        specs: {},
        inputShape,
        outputShape: [outputSize(height, size, stride, 'valid'), outputSize(width, size, stride, 'valid'), channels],
        apply: (_params, x) => pool(x),
        standardLayers: () => [
          { className, config: { pool_size: [size, size], strides: [stride, stride], padding: 'valid', data_format: 'channels_last' } },
        ],
      };
    },
  };
}

/** @throws ShapeError unless the shape is that of an image that a window fits in */
export function expectImage(where: string, shape: Shape, window: number): [number, number, number] {
  if (shape.length !== 3 || shape[0]! < window || shape[1]! < window)
    throw new ShapeError(
      `${where}: expected images [height, width, channels] of at least ${window} × ${window}, got ${formatShape(shape)}.`,
    );
  return shape as [number, number, number];
}
