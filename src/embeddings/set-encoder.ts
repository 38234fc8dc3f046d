import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { scopeRecord, unscopeRecord } from '../core/params';
import type { ActivationName } from '../nn/activation';
import { mlp } from '../nn/mlp';
import { orOne } from './class-means';
import type { EmbeddingStart } from './embedding';
import { exampleRows, type ExampleRowsOptions } from './example-rows';
import { unitSize } from './unit-size';

export interface SetEncoderOptions extends ExampleRowsOptions {
  /** Length of the embedding. */
  readonly size: number;
  /** Hidden sizes of the network that sees one example. @default [64, 64] */
  readonly hidden?: readonly number[];
  /** Between the encoder's own layers. @default 'relu' */
  readonly activation?: ActivationName;
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
  const { size, hidden = [64, 64], activation = 'relu' } = options;
  expectCount('setEncoder: size', size);
  expectCount('setEncoder: hidden: number of layers', hidden.length);
  const examples = exampleRows('setEncoder', options);
  const width = hidden.at(-1)!;
  const phi = mlp([examples.size, ...hidden], { activation });
  const rho = mlp([width, width, size], { activation });
  return {
    size,
    specs: { ...examples.specs, ...scopeRecord(phi.specs, 'example'), ...scopeRecord(rho.specs, 'set') },
    start(params, task, prediction) {
      return tf.tidy(() => {
        const encoded = phi.apply(unscopeRecord(params, 'example'), examples.read(params, task, prediction));
        const mean = weightedMean(encoded, task.support.weight);
        return unitSize(tf.squeeze(rho.apply(unscopeRecord(params, 'set'), mean), [1]));
      });
    },
  };
}

/** values `[T, n, F]`, weight `[T, n]` → `[T, 1, F]`. */
function weightedMean(values: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const shares = tf.div(weight, orOne(tf.sum(weight, 1, true)));
  return tf.matMul(tf.expandDims(shares, 1), values);
}
