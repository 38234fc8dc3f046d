import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import { expectShape } from '../core/shape';
import type { Loss, Objective } from '../core/task';
import { regression, weightedMean } from './objectives';

export interface BernoulliOptions {
  /** How query sets are scored: squared error of the probability, or the loss. @default 'mse' */
  readonly metric?: 'mse' | 'nll';
}

/**
 * Values in [0, 1] as probabilities: of ink at a pixel, of a yes. Outputs are logits ℓ in the targets' shape; the loss is the
 * cross-entropy softplus(ℓ) − y ℓ in nats, the mean over the values of one output, then the weighted mean over n; the readout
 * is 1 / (1 + exp(−ℓ)). Targets between 0 and 1, grey levels, are taken as shares.
 *
 * Source: Kingma, Welling, "Auto-Encoding Variational Bayes", 2014 (arXiv 1312.6114), appendix C.1.
 *
 * @throws RangeError for an unknown metric
 */
export function bernoulli({ metric = 'mse' }: BernoulliOptions = {}): Objective {
  expectOneOf('bernoulli: metric', metric, ['mse', 'nll']);
  const readout = (output: tf.Tensor) => tf.sigmoid(output);
  return {
    loss: crossEntropy,
    metric:
      metric === 'nll'
        ? { name: 'nll', better: 'lower', measure: crossEntropy }
        : { ...regression.metric, measure: (output, y, weight) => tf.tidy(() => regression.loss(readout(output), y, weight)) },
    readout,
    target: 'value',
  };
}

const crossEntropy: Loss = (output, y, weight) => {
  expectShape('output', output, y.shape);
  return tf.tidy(() => {
    const [tasks, count] = output.shape as [number, number];
    const nats = tf.reshape(tf.sub(tf.softplus(output), tf.mul(y, output)), [tasks, count, -1]);
    return weightedMean(tf.mean(nats, 2), weight);
  });
};
