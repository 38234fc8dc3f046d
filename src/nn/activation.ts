import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import type { Layer } from './layer';

const functions = {
  relu: (x: tf.Tensor) => tf.relu(x),
  tanh: (x: tf.Tensor) => tf.tanh(x),
  sigmoid: (x: tf.Tensor) => tf.sigmoid(x),
  /** x itself. */
  linear: (x: tf.Tensor) => tf.clone(x),
  relu6: (x: tf.Tensor) => tf.relu6(x),
  softplus: (x: tf.Tensor) => tf.softplus(x),
  softsign: (x: tf.Tensor) => tf.tidy(() => tf.div(x, tf.add(tf.abs(x), 1))),
  /** 0.2 x + 0.5, held in [0, 1]. */
  hardSigmoid: (x: tf.Tensor) => tf.tidy(() => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1)),
  elu: (x: tf.Tensor) => tf.elu(x),
  selu: (x: tf.Tensor) => tf.selu(x),
  /** Slope 0.2 below 0. */
  leakyRelu: (x: tf.Tensor) => tf.leakyRelu(x, 0.2),
  /** x · sigmoid(x), also called SiLU. */
  swish: (x: tf.Tensor) => tf.tidy(() => tf.mul(x, tf.sigmoid(x))),
  /** x · Φ(x), Φ the normal distribution function. */
  gelu: (x: tf.Tensor) => tf.tidy(() => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5))),
  /** x · tanh(softplus(x)). */
  mish: (x: tf.Tensor) => tf.tidy(() => tf.mul(x, tf.tanh(tf.softplus(x)))),
  sin: (x: tf.Tensor) => tf.sin(x),
  /** Over the last axis. Networks that end in it have no logits: leave it to the objective. */
  softmax: (x: tf.Tensor) => tf.softmax(x),
} as const;

/** Those that tf.layers has by a name, and that name. */
const standardNames: Partial<Readonly<Record<ActivationName, string>>> = {
  ...Object.fromEntries((['relu', 'tanh', 'sigmoid', 'linear', 'relu6', 'softplus', 'softsign', 'elu', 'selu', 'swish', 'gelu', 'mish', 'softmax'] as const).map((name) => [name, name])),
  hardSigmoid: 'hard_sigmoid',
};

export type ActivationName = keyof typeof functions;

/** A function of a tensor that keeps its shape; its result is a new tensor, and it leaves no other behind. */
export type ActivationFunction = (x: tf.Tensor) => tf.Tensor;

/**
 * A function without parameters, right to second order; or one of your own.
 *
 * @throws RangeError for an unknown name
 */
export function activation(given: ActivationName | ActivationFunction): Layer {
  const compute = activationFunction('activation', given);
  return {
    name: 'activation',
    build: (inputShape) => ({
      specs: {},
      inputShape,
      outputShape: inputShape,
      apply: (_params, x) => compute(x),
      standardLayers() {
        const name = standardActivation(given);
        if (name) return [{ className: 'Activation', config: { activation: name } }];
        return given === 'leakyRelu' ? [{ className: 'LeakyReLU', config: { alpha: 0.2 } }] : `tf.layers has no activation ${typeof given === 'string' ? given : 'of your own'}`;
      },
    }),
  };
}

/** The function of a name, or a function itself. @throws RangeError for an unknown name */
export function activationFunction(where: string, given: ActivationName | ActivationFunction): ActivationFunction {
  if (typeof given === 'function') return given;
  expectOneOf(where, given, Object.keys(functions));
  return functions[given];
}

/** What tf.layers calls it; undefined where it has none. */
export function standardActivation(given: ActivationName | ActivationFunction): string | undefined {
  return typeof given === 'string' ? standardNames[given] : undefined;
}

export function isActivationName(name: string): name is ActivationName {
  return Object.hasOwn(functions, name);
}
