import * as tf from '@tensorflow/tfjs';
import type { HostFloats, HostParams } from '../core/host-tensor';
import { logSoftmax } from '../ops/cross-entropy';
import { activationFunction, isActivationName, type ActivationFunction } from '../nn/activation';
import type { BatchStatistics } from '../nn/batch-norm';
import type { Join } from '../nn/join';
import type { Layer } from '../nn/layer';

/** A layer of a tf.LayersModel, as it is read. */
export interface SourceLayer {
  /** How errors call it. */
  readonly where: string;
  /** What its class is called, such as `'Dense'`. */
  readonly className: string;
  /** What its `getConfig` says. */
  readonly config: object;
  /** In the order of its `getWeights`, without a task axis. */
  readonly weights: readonly HostFloats[];
  /** What batch norm uses. */
  readonly statistics: BatchStatistics | 'fixed';
  /** A layer inside this one. */
  convert(layer: { readonly className: string; readonly config: object; readonly weights: readonly HostFloats[] }): Converted;
}

/** A layer of ours with its weights, `[1, ...shape]` by our names; or a join. */
export type Converted = ConvertedLayer | { readonly join: Join };

export interface ConvertedLayer {
  readonly layer: Layer;
  readonly weights: HostParams;
}

/** How one class of tf.layers becomes a layer of this library. @throws RangeError for a setting that has no equal here */
export type Conversion = (source: SourceLayer) => Converted;

/** Conversions by class name. */
export type Conversions = Readonly<Record<string, Conversion>>;

/**
 * An entry of the table: from a configuration to a layer, and to our names of its weights in the order in which TensorFlow.js
 * has them.
 */
export function layerConversion<Config extends object>(
  convert: (config: Config, source: SourceLayer) => { readonly layer: Layer; readonly weights?: readonly string[] },
): Conversion {
  return (source) => {
    const { layer, weights = [] } = convert(source.config as Config, source); // tfjs wrote it
    return { layer, weights: nameWeights(source, weights) };
  };
}

/** An entry for a layer that joins several values. */
export function joinConversion<Config extends object>(convert: (config: Config, source: SourceLayer) => Join): Conversion {
  return (source) => ({ join: convert(source.config as Config, source) }); // tfjs wrote it
}

/** Weights `[...shape]` by name, with a task axis. */
export function nameWeights({ where, weights }: SourceLayer, names: readonly string[]): HostParams {
  if (weights.length < names.length) throw new Error(`Internal: ${where}: expected weights ${names.join(', ')}, got ${weights.length} tensors.`);
  return Object.fromEntries(names.map((name, index) => [name, { ...weights[index]!, shape: [1, ...weights[index]!.shape] }]));
}

/** A setting that has no equal here. */
export function refuse({ where }: SourceLayer, setting: string, expected: string, got: unknown, remedy: string): never {
  throw new RangeError(`${where}: ${setting}: expected ${expected}, got ${JSON.stringify(got)}; ${remedy}.`);
}

/** Images have channels last here. */
export function expectChannelsLast(source: SourceLayer, dataFormat: string | null | undefined): void {
  if (dataFormat === 'channelsFirst') refuse(source, 'dataFormat', `'channelsLast'`, dataFormat, 'build the model with channels last');
}

/** A layer followed by the activation that its configuration names; the layer itself where that is linear. */
export function activated(layer: Layer, name: string | null | undefined, source: SourceLayer): Layer {
  if (name === undefined || name === null || name === 'linear') return layer;
  const bend = activationNamed(source, 'activation', name);
  return {
    name: layer.name,
    build(inputShape) {
      const { specs, outputShape, apply } = layer.build(inputShape);
      return { specs, inputShape, outputShape, apply: (params, x, pass) => tf.tidy(() => bend(apply(params, x, pass))) };
    },
  };
}

/** Activations of tf.layers that have no name here. */
const others: Readonly<Record<string, ActivationFunction>> = {
  logSoftmax: (x) => logSoftmax(x),
  /** gelu with a tanh in place of the normal distribution function. */
  gelu_new: (x) =>
    tf.tidy(() => {
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
    }),
};

/** The activation that a setting names. @throws RangeError for one that tf.layers does not have */
export function activationNamed(source: SourceLayer, setting: string, name: string): ActivationFunction {
  if (others[name]) return others[name];
  return isActivationName(name)
    ? activationFunction(setting, name)
    : refuse(source, setting, 'an activation of tf.layers', name, 'build the model with one of those');
}
