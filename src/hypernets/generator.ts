import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf, expectPositive } from '../core/errors';
import { constantInit, normalInit } from '../core/initializers';
import { mapRecord, scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import { sizeOf, type Shape } from '../core/shape';
import { activation as activationLayer, type ActivationName } from '../nn/activation';
import { dense } from '../nn/dense';
import { sequential } from '../nn/sequential';
import { taskMatMul } from '../ops/task-mat-mul';
import type { Spread } from './hyperfan';

/** Softmax would make a trunk's features compete. */
export type TrunkActivation = Exclude<ActivationName, 'softmax'>;

export interface GeneratorOptions {
  /** Sizes of the trunk's layers; none for a linear hypernetwork. @default [64, 64] */
  readonly hidden?: readonly number[];
  /** After each layer of the trunk. @default 'relu' */
  readonly activation?: TrunkActivation;
  /** Mean square of the embedding's values at the start: what the initialization divides by. @default 1 */
  readonly embeddingSecondMoment?: number;
}

/** One tensor that a generator makes, and the spread its values start with. */
export interface Piece extends Spread {
  readonly shape: Shape;
}

/** A trunk of dense layers with a linear head for each piece. */
export interface Generator {
  readonly specs: ParamSpecs;
  /** x `[T, n, inputs]` → each piece `[T, n, ...shape]`. */
  apply(params: Params, x: tf.Tensor): Params;
}

/** Mean square of each activation's output where its input is normal with variance 2. */
export const secondMoments: Readonly<Record<TrunkActivation, number>> = {
  linear: 2,
  relu: 1,
  relu6: 1,
  softsign: 0.2487,
  hardSigmoid: 0.3195,
  tanh: 0.52,
  sigmoid: 0.3184,
  softplus: 1.3819,
  elu: 1.2001,
  selu: 1.7225,
  leakyRelu: 1.04,
  swish: 0.7992,
  gelu: 0.9221,
  mish: 0.9467,
  sin: 0.4908,
};

/**
 * What all families generate with. Its layers start so that each piece has its spread when the inputs have the second
 * moment that `embeddingSecondMoment` says.
 */
export function generator(inputs: number, pieces: Readonly<Record<string, Piece>>, options: GeneratorOptions): Generator {
  const { hidden = [64, 64], activation = 'relu', embeddingSecondMoment = 1 } = options;
  hidden.forEach((size) => expectCount('hypernetwork: hidden', size));
  expectOneOf('hypernetwork: activation', activation, Object.keys(secondMoments));
  expectPositive('hypernetwork: embeddingSecondMoment', embeddingSecondMoment);
  const trunk = sequential([inputs], hidden.flatMap((size) => [dense(size), activationLayer(activation)]));
  const width = hidden.at(-1) ?? inputs;
  const moments = [embeddingSecondMoment, ...hidden.map(() => secondMoments[activation])];
  return {
    specs: {
      ...scopeRecord(trunkSpecs(trunk.specs, moments), 'trunk'),
      ...scopeRecord(headSpecs(pieces, width, moments.at(-1)!), 'heads'),
    },
    apply(params, x) {
      const features = trunk.apply(unscopeRecord(params, 'trunk'), x);
      const heads = unscopeRecord(params, 'heads');
      return mapRecord(pieces, ({ shape }, name) => {
        const product = taskMatMul(features, heads[`${name}/kernel`]!);
        const flat = tf.add(product, tf.expandDims(heads[`${name}/bias`]!, 1));
        return tf.reshape(flat, [flat.shape[0], flat.shape[1]!, ...shape]);
      });
    },
  };
}

/**
 * Every layer's sum W e + b has variance 2, which ReLU halves. In the first layer b carries one half of it, so that at
 * an embedding of zeros there are still weights to generate and a gradient to follow; the others start without b.
 */
function trunkSpecs(specs: ParamSpecs, moments: readonly number[]): ParamSpecs {
  return mapRecord(specs, (spec, name) => {
    const layer = Number(/\d+/.exec(name)![0]); // names are ours: dense1/kernel, dense1/bias, dense2/kernel, …
    const { role, fanIn } = spec;
    const variance = layer === 1 ? 1 : 2;
    if (role === 'kernel') return { ...spec, init: normalInit(Math.sqrt(variance / (fanIn * moments[layer - 1]!))) };
    return { ...spec, init: layer === 1 ? normalInit(1) : constantInit(0) };
  });
}

function headSpecs(pieces: Readonly<Record<string, Piece>>, inputs: number, secondMoment: number): ParamSpecs {
  const heads = Object.entries(pieces).map(([name, { shape, mean, deviation }]): ParamSpecs => {
    const outputs = sizeOf(shape);
    const init = normalInit(deviation / Math.sqrt(inputs * secondMoment));
    return {
      [`${name}/kernel`]: { shape: [inputs, outputs], role: 'kernel', fanIn: inputs, init },
      [`${name}/bias`]: { shape: [outputs], role: 'bias', fanIn: inputs, init: constantInit(mean) },
    };
  });
  return Object.assign({}, ...heads) as ParamSpecs; // joined records lose their type
}
