import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import { constantInit } from '../core/initializers';
import { withoutTaskAxis } from '../core/standard-layer';
import { scaleAndShift } from './feature-rows';
import type { Layer } from './layer';

export interface LayerNormOptions {
  /** ε, added to the variance. @default 0.001 */
  readonly epsilon?: number;
}

/**
 * Each example's features (the last axis) with mean 0 and variance 1, then scaled and shifted: needs no statistics of
 * a batch.
 *
 * Source: Ba, Kiros, Hinton, "Layer Normalization", 2016 (arXiv 1607.06450), equation 4.
 */
export function layerNorm({ epsilon = 1e-3 }: LayerNormOptions = {}): Layer {
  expectPositive('layerNorm: epsilon', epsilon);
  return {
    name: 'norm',
    build(inputShape) {
      const shape = inputShape.slice(-1);
      const features = shape[0]!;
      return {
        specs: {
          scale: { shape, role: 'scale', fanIn: features, init: constantInit(1) },
          shift: { shape, role: 'shift', fanIn: features, init: constantInit(0) },
        },
        inputShape,
        outputShape: inputShape,
        apply: ({ scale, shift }, x) =>
          tf.tidy(() => {
            const centred = tf.sub(x, tf.mean(x, -1, true));
            const variance = tf.mean(tf.square(centred), -1, true);
            return scaleAndShift(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), scale!, shift!);
          }),
        standardLayers: ({ scale, shift }) => [
          { className: 'LayerNormalization', config: { axis: -1, epsilon }, weights: withoutTaskAxis({ gamma: scale, beta: shift }) },
        ],
      };
    },
  };
}
