import * as tf from '@tensorflow/tfjs';
import { constantInit } from '../core/initializers';
import { activation } from '../nn/activation';
import { activationNamed, layerConversion, refuse, type Conversions } from './conversion';
import type { Layer } from '../nn/layer';

/** Layers that are an activation. */
export const activationConversions: Conversions = {
  Activation: layerConversion<{ readonly activation: string }>(({ activation: name }, source) => ({
    layer: activation(activationNamed(source, 'activation', name)),
  })),
  ReLU: layerConversion<{ readonly maxValue?: number | null }>(({ maxValue }) => ({
    layer: activation((x) => (typeof maxValue === 'number' ? tf.tidy(() => tf.minimum(tf.relu(x), maxValue)) : tf.relu(x))),
  })),
  LeakyReLU: layerConversion<{ readonly alpha: number }>(({ alpha }) => ({ layer: activation((x) => tf.leakyRelu(x, alpha)) })),
  ELU: layerConversion<{ readonly alpha: number }>(({ alpha }, source) => {
    if (alpha !== 1) refuse(source, 'alpha', '1', alpha, 'build the model with that');
    return { layer: activation('elu') };
  }),
  ThresholdedReLU: layerConversion<{ readonly theta: number }>(({ theta }) => ({
    layer: activation((x) => tf.tidy(() => tf.mul(x, tf.cast(tf.greater(x, theta), 'float32')))),
  })),
  PReLU: layerConversion<{ readonly sharedAxes?: readonly number[] | null }>(({ sharedAxes }) => ({
    layer: prelu(sharedAxes ?? []),
    weights: ['slope'],
  })),
  Softmax: layerConversion<{ readonly axis?: number }>(({ axis = -1 }, source) => ({
    layer: {
      name: 'activation',
      build(inputShape) {
        if (axis !== -1 && axis !== inputShape.length) refuse(source, 'axis', 'the last', axis, 'permute the axes in front of it');
        return activation('softmax').build(inputShape);
      },
    },
  })),
};

/** A learned slope below 0 for each value, or for all along the shared axes, counted from 1. */
function prelu(sharedAxes: readonly number[]): Layer {
  return {
    name: 'prelu',
    build(inputShape) {
      const shape = inputShape.map((size, axis) => (sharedAxes.includes(axis + 1) ? 1 : size));
      return {
        specs: { slope: { shape, role: 'scale', fanIn: 1, init: constantInit(0.25) } },
        inputShape,
        outputShape: inputShape,
        apply: ({ slope }, x) => tf.tidy(() => tf.sub(tf.relu(x), tf.mul(tf.expandDims(slope!, 1), tf.relu(tf.neg(x))))),
      };
    },
  };
}
