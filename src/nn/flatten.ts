import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../core/shape';
import type { Layer } from './layer';

/** `[T, n, ...]` → `[T, n, features]`, row-major. */
export function flatten(): Layer {
  return {
    name: 'flatten',
    build(inputShape) {
      const features = sizeOf(inputShape);
      return {
        specs: {},
        inputShape,
        outputShape: [features],
        apply: (_params, x) => tf.reshape(x, [x.shape[0], x.shape[1]!, features]),
        standardLayers: () => (inputShape.length === 1 ? [] : [{ className: 'Flatten' }]),
      };
    },
  };
}
