import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { scopeRecord, unscopeRecord, type Params } from '../core/params';
import type { Network } from '../core/network';
import type { TaskInputs } from '../core/learner';
import { sizeOf, type Shape } from '../core/shape';
import type { ActivationName } from '../nn/activation';
import { mlp } from '../nn/mlp';
import type { EmbeddingStart } from './embedding';
import { trainedSpecs } from './trained-specs';
import { unitSize } from './unit-size';

export interface SetEncoderOptions {
  /** Length of the embedding. */
  readonly size: number;
  /** Shape of one x. */
  readonly inputShape: Shape;
  /** Shape of one y. */
  readonly targetShape: Shape;
  /** Hidden sizes of the network that sees one example. @default [64, 64] */
  readonly hidden?: readonly number[];
  /** Between the encoder's own layers. @default 'relu' */
  readonly activation?: ActivationName;
  /** What it sees of an example: x and y, or also what the base network predicts there before adaptation. @default 'xy' */
  readonly input?: 'xy' | 'xyPrediction';
  /** A network that x goes through first, such as the body of a convolutional one. @default x itself, flattened */
  readonly features?: Network;
}

/**
 * Encodes a support set of any size and order: embedding = ρ(mean over examples of φ(x, y)). Examples of weight 0 do
 * not count. The embedding is scaled to values of size 1, which is what a hypernetwork's initialization expects.
 * For N-way tasks use `classEncoder`, whose size does not depend on N.
 *
 * Sources: Zaheer et al., "Deep Sets", 2017 (arXiv 1703.06114), theorem 2; Garnelo et al., "Conditional Neural
 * Processes", 2018 (arXiv 1807.01613), equations 1 and 2.
 *
 * @throws RangeError if `'xyPrediction'` is asked for where no prediction can be made
 */
export function setEncoder(options: SetEncoderOptions): EmbeddingStart {
  const { size, inputShape, targetShape, hidden = [64, 64], input = 'xy', features, activation = 'relu' } = options;
  expectCount('setEncoder: size', size);
  expectCount('setEncoder: hidden: number of layers', hidden.length);
  const inputSize = sizeOf(features ? features.outputShape : inputShape);
  const targetSize = sizeOf(targetShape) * (input === 'xyPrediction' ? 2 : 1);
  const width = hidden.at(-1)!;
  const phi = mlp([inputSize + targetSize, ...hidden], { activation });
  const rho = mlp([width, width, size], { activation });

  function readExamples(params: Params, { support, noise }: TaskInputs, prediction: (() => tf.Tensor) | undefined): tf.Tensor {
    const { x, y, weight } = support;
    const seen = features ? features.apply(unscopeRecord(params, 'features'), x, { weight, noise }) : x;
    const parts = [flatten(seen), flatten(y)];
    if (input === 'xyPrediction') parts.push(flatten(predict(prediction)));
    return tf.concat(parts, 2);
  }

  return {
    size,
    specs: {
      ...(features ? scopeRecord(trainedSpecs(features), 'features') : {}),
      ...scopeRecord(phi.specs, 'example'),
      ...scopeRecord(rho.specs, 'set'),
    },
    start(params, task, prediction) {
      return tf.tidy(() => {
        const encoded = phi.apply(unscopeRecord(params, 'example'), readExamples(params, task, prediction));
        const mean = weightedMean(encoded, task.support.weight);
        return unitSize(tf.squeeze(rho.apply(unscopeRecord(params, 'set'), mean), [1]));
      });
    },
  };
}

/** values `[T, n, F]`, weight `[T, n]` → `[T, 1, F]`. */
function weightedMean(values: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const shares = tf.div(weight, tf.sum(weight, 1, true));
  return tf.matMul(tf.expandDims(shares, 1), values);
}

/** `[T, n, ...]` → `[T, n, size]`. */
function flatten(value: tf.Tensor): tf.Tensor {
  const [tasks, n, ...shape] = value.shape as [number, number, ...number[]];
  return tf.reshape(value, [tasks, n, sizeOf(shape)]);
}

function predict(prediction: (() => tf.Tensor) | undefined): tf.Tensor {
  if (!prediction)
    throw new RangeError(`setEncoder: input: 'xyPrediction' needs the base network's prediction, got none; use input: 'xy'.`);
  return prediction();
}
