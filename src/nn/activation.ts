import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import type { Layer } from './layer';

const functions = {
  relu: (x: tf.Tensor) => tf.relu(x),
  tanh: (x: tf.Tensor) => tf.tanh(x),
  sigmoid: (x: tf.Tensor) => tf.sigmoid(x),
  softplus: (x: tf.Tensor) => tf.softplus(x),
  elu: (x: tf.Tensor) => tf.elu(x),
  leakyRelu: (x: tf.Tensor) => tf.tidy(() => tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), 0.2))),
  swish: (x: tf.Tensor) => tf.tidy(() => tf.mul(x, tf.sigmoid(x))),
  sin: (x: tf.Tensor) => tf.sin(x),
} as const;

export type ActivationName = keyof typeof functions;

/** An elementwise function, right to second order. @throws RangeError for an unknown name */
export function activation(name: ActivationName): Layer {
  expectOneOf('activation', name, Object.keys(functions));
  return {
    name: 'activation',
    build: (inputShape) => ({
      specs: {},
      inputShape,
      outputShape: inputShape,
      apply: (_params, x) => functions[name](x),
    }),
  };
}
