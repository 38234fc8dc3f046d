import * as tf from '@tensorflow/tfjs';
import { expectOneOf, expectPositive } from '../core/errors';
import { expectShape } from '../core/shape';
import type { Loss, Objective } from '../core/task';
import { regression, weightedMean } from './objectives';

export interface GaussianOptions {
  /** The smallest standard deviation that can be predicted: set it to a small part of the targets' spread. @default 0.01 */
  readonly minDeviation?: number;
  /** How query sets are scored: squared error of the mean, or the loss. @default 'mse' */
  readonly metric?: 'mse' | 'nll';
}

/**
 * Values with their uncertainty. A base network with twice as many outputs as a target has values predicts mean μ and
 * raw deviation r of each (all means first): σ = minDeviation + softplus(r). The loss is the negative log likelihood
 * log σ + ½ log 2π + (y − μ)² / 2σ², in nats: the mean over the values of one output, then the weighted mean over n. The
 * readout is the mean. Any learner of values with fixed columns can be trained so.
 *
 * Source: Nix, Weigend, "Estimating the mean and variance of the target probability distribution", 1994 (ICNN 1); a
 * lower bound on σ as in the code of Garnelo et al. 2018 (arXiv 1807.01613).
 *
 * @example
 * metaTrainer(hyperLearner(mlp([1, 40, 40, 2]), family), { ...sinusoids(), objective: gaussian() });
 *
 * @throws RangeError for an option out of range
 */
export function gaussian({ minDeviation = 0.01, metric = 'mse' }: GaussianOptions = {}): Objective {
  expectPositive('gaussian: minDeviation', minDeviation);
  expectOneOf('gaussian: metric', metric, ['mse', 'nll']);

  const deviation = (output: tf.Tensor) => tf.tidy(() => tf.add(tf.softplus(half(output, 'second')), minDeviation));

  const loss: Loss = (output, y, weight) => {
    expectShape('output', output, [...y.shape.slice(0, -1), 2 * y.shape.at(-1)!]);
    return tf.tidy(() => {
      const sigma = deviation(output);
      const standard = tf.div(tf.sub(y, half(output, 'first')), sigma);
      const nats = tf.add(tf.add(tf.log(sigma), Math.log(2 * Math.PI) / 2), tf.mul(tf.square(standard), 0.5));
      const [tasks, count] = y.shape as [number, number];
      return weightedMean(tf.mean(tf.reshape(nats, [tasks, count, -1]), 2), weight);
    });
  };

  return {
    loss,
    metric:
      metric === 'nll'
        ? { name: 'nll', better: 'lower', measure: loss }
        : { ...regression.metric, measure: (output, y, weight) => tf.tidy(() => regression.loss(half(output, 'first'), y, weight)) },
    readout: (output) => half(output, 'first'),
    deviation,
    outputShape: (targetShape) => [...targetShape.slice(0, -1), 2 * (targetShape.at(-1) ?? 1)],
    target: 'value',
  };
}

/** Means, or raw deviations: half of the last axis. */
function half(output: tf.Tensor, which: 'first' | 'second'): tf.Tensor {
  const size = output.shape.at(-1)! / 2;
  const begin = output.shape.map((_, axis) => (axis === output.rank - 1 && which === 'second' ? size : 0));
  return tf.slice(output, begin, [...output.shape.slice(0, -1), size]);
}
