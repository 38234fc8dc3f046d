import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import { constantInit } from '../core/initializers';
import type { ParamRole, ParamSpec, ParamSpecs } from '../core/params';
import { withoutTaskAxis } from '../core/standard-layer';
import { scaleAndShift } from './feature-rows';
import type { Layer } from './layer';

/** What a norm learns after it has normalized. */
export interface NormOptions {
  /** A factor for each feature. @default 'learned' */
  readonly scale?: 'learned' | 'none';
  /** What is added to each feature. @default 'learned' */
  readonly shift?: 'learned' | 'none';
}

export interface LayerNormOptions extends NormOptions {
  /** ε, added to the variance. @default 0.001 */
  readonly epsilon?: number;
}

/**
 * Each example's features (the last axis) with mean 0 and variance 1, then scaled and shifted: needs no statistics of
 * a batch.
 *
 * Source: Ba, Kiros, Hinton, "Layer Normalization", 2016 (arXiv 1607.06450), equation 4.
 */
export function layerNorm({ epsilon = 1e-3, ...options }: LayerNormOptions = {}): Layer {
  expectPositive('layerNorm: epsilon', epsilon);
  return {
    name: 'norm',
    build(inputShape) {
      return {
        specs: normSpecs(inputShape.at(-1)!, options),
        inputShape,
        outputShape: inputShape,
        apply: ({ scale, shift }, x) => tf.tidy(() => scaleAndShift(normalized(x, epsilon), scale, shift)),
        standardLayers: ({ scale, shift }) => [
          {
            className: 'LayerNormalization',
            config: { axis: -1, epsilon, scale: scale !== undefined, center: shift !== undefined },
            weights: withoutTaskAxis({ gamma: scale, beta: shift }),
          },
        ],
      };
    },
  };
}

/** The last axis with mean 0 and variance 1. Call it within a tidy. */
export function normalized(x: tf.Tensor, epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
}

/** The scale and shift of a norm over so many features. */
export function normSpecs(features: number, { scale = 'learned', shift = 'learned' }: NormOptions): ParamSpecs {
  const spec = (role: ParamRole, start: number): ParamSpec => ({ shape: [features], role, fanIn: features, init: constantInit(start) });
  return {
    ...(scale === 'learned' ? { scale: spec('scale', 1) } : {}),
    ...(shift === 'learned' ? { shift: spec('shift', 0) } : {}),
  };
}
