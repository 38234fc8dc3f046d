import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import { uniformInit } from '../core/initializers';
import { dense } from './dense';
import type { Layer } from './layer';

export interface SineOptions {
  /** ω: how many periods the first layer spans over inputs in [-1, 1]. @default 30 */
  readonly omega?: number;
  /** The first layer of a network starts with wider kernels than those after it. @default 'hidden' */
  readonly place?: 'first' | 'hidden';
}

/**
 * sin(ω (x · kernel + bias)). Kernels start uniform within ±1 / inputs in the first layer and ±√(6 / inputs) / ω in the
 * others, so that every layer's pre-activations are normal with deviation 1; biases within ±1 / √inputs, as in the
 * authors' code.
 *
 * Source: Sitzmann et al., "Implicit Neural Representations with Periodic Activation Functions", 2020
 * (arXiv 2006.09661), section 3.2.
 */
export function sine(units: number, { omega = 30, place = 'hidden' }: SineOptions = {}): Layer {
  expectPositive('sine: omega', omega);
  const layer = dense(units, {
    init: (fanIn) => uniformInit(place === 'first' ? 1 / fanIn : sineLimit(fanIn, omega)),
    biasInit: (fanIn) => uniformInit(1 / Math.sqrt(fanIn)),
  });
  return {
    name: 'sine',
    build(inputShape) {
      const { specs, outputShape, apply } = layer.build(inputShape);
      return {
        specs,
        inputShape,
        outputShape,
        apply: (params, x, pass) => tf.tidy(() => tf.sin(tf.mul(apply(params, x, pass), omega))),
      };
    },
  };
}

/** Limit of a uniform kernel that follows a sine layer: √(6 / inputs) / ω. */
export function sineLimit(fanIn: number, omega: number): number {
  return Math.sqrt(6 / fanIn) / omega;
}
