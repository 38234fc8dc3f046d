import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import type { StandardLayer } from '../core/standard-layer';
import type { Layer } from './layer';

const functions = {
  relu: (x: tf.Tensor) => tf.relu(x),
  tanh: (x: tf.Tensor) => tf.tanh(x),
  sigmoid: (x: tf.Tensor) => tf.sigmoid(x),
  softplus: (x: tf.Tensor) => tf.softplus(x),
  elu: (x: tf.Tensor) => tf.elu(x),
  /** Slope 0.2 below 0. */
  leakyRelu: (x: tf.Tensor) => tf.leakyRelu(x, 0.2),
  /** x · sigmoid(x), also called SiLU. */
  swish: (x: tf.Tensor) => tf.tidy(() => tf.mul(x, tf.sigmoid(x))),
  /** x · Φ(x), Φ the normal distribution function. */
  gelu: (x: tf.Tensor) => tf.tidy(() => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5))),
  sin: (x: tf.Tensor) => tf.sin(x),
  /** Over the last axis. Networks that end in it have no logits: leave it to the objective. */
  softmax: (x: tf.Tensor) => tf.softmax(x),
} as const;

/** Those that tf.layers has, as it names and sets them. */
const standard: Partial<Readonly<Record<ActivationName, StandardLayer>>> = {
  ...Object.fromEntries(
    (['relu', 'tanh', 'sigmoid', 'softplus', 'elu', 'swish', 'gelu', 'softmax'] as const).map((name) => [name, { className: 'Activation', config: { activation: name } }]),
  ),
  leakyRelu: { className: 'LeakyReLU', config: { alpha: 0.2 } },
};

export type ActivationName = keyof typeof functions;

/** A function without parameters, right to second order. @throws RangeError for an unknown name */
export function activation(name: ActivationName): Layer {
  expectOneOf('activation', name, Object.keys(functions));
  return {
    name: 'activation',
    build: (inputShape) => ({
      specs: {},
      inputShape,
      outputShape: inputShape,
      apply: (_params, x) => functions[name](x),
      standardLayers: () => (standard[name] ? [standard[name]] : `tf.layers has no activation ${name}`),
    }),
  };
}
