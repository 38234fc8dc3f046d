import * as tf from '@tensorflow/tfjs';
import { expectCount, expectPositive } from '../core/errors';
import { constantInit, normalInit } from '../core/initializers';
import type { TaskInputs } from '../core/learner';
import { scopeRecord, unscopeRecord, type Params } from '../core/params';
import { dense } from '../nn/dense';
import type { EmbeddingStart } from './embedding';

export interface GaussianEmbeddingOptions {
  /** Length of the sampled embedding. @default that of the start it is made from */
  readonly size?: number;
  /** β: how much of the KL divergence is added to a task's query loss; 1 / its query examples is the evidence bound. @default 0.01 */
  readonly klWeight?: number;
  /** Standard deviation of the samples before training. @default 0.1 */
  readonly deviation?: number;
}

/**
 * A distribution over a task's embeddings in place of one: linear layers over any other start give mean and log variance,
 * from which the embedding is sampled: mean + √variance · noise. Each adaptation draws another, so that
 * `trainer.adapt(support, { samples: 20 })` says how far the support set leaves the task open. Its divergence from a
 * standard normal distribution, β · KL(q(embedding | support) ‖ N(0, 1)), is added to the query loss by `hyperLearner`,
 * `hyperClassifier` (as the start of a body) and `neuralProcess`, trained with `unrolled()`.
 *
 * Source: Kingma, Welling, "Auto-Encoding Variational Bayes", 2014 (arXiv 1312.6114), equation 10 and appendix B; for what
 * a task leaves open: Garnelo et al., "Neural Processes", 2018 (arXiv 1807.01622), whose prior is learned.
 *
 * @example
 * const encoder = setEncoder({ size: 8, inputShape: [1], targetShape: [1] });
 * hyperLearner(mlp([1, 40, 1]), chunkedHypernetwork({ embeddingSize: 8 }), { start: gaussianEmbedding(encoder), adapt: 'nothing' });
 *
 * @throws RangeError for an option out of range
 */
export function gaussianEmbedding(start: EmbeddingStart, options: GaussianEmbeddingOptions = {}): EmbeddingStart {
  const { size = start.size, klWeight = 0.01, deviation = 0.1 } = options;
  expectCount('gaussianEmbedding: size', size);
  if (!(Number.isFinite(klWeight) && klWeight >= 0))
    throw new RangeError(`gaussianEmbedding: klWeight: expected a finite number of at least 0, got ${klWeight}.`);
  expectPositive('gaussianEmbedding: deviation', deviation);
  const linear = (spread: number, at: number) =>
    dense(size, { init: (fanIn) => normalInit(spread / Math.sqrt(fanIn)), biasInit: () => constantInit(at) }).build([start.size]);
  const means = linear(1, 0);
  const logVariances = linear(0.1, 2 * Math.log(deviation));

  function distribution(params: Params, task: TaskInputs, prediction?: () => tf.Tensor) {
    const made = tf.expandDims(start.start(unscopeRecord(params, 'start'), task, prediction), 1);
    const apply = (network: typeof means, scope: string) => tf.squeeze(network.apply(unscopeRecord(params, scope), made), [1]);
    return { mean: apply(means, 'mean'), logVariance: apply(logVariances, 'logVariance') };
  }

  return {
    size,
    specs: {
      ...scopeRecord(start.specs, 'start'),
      ...scopeRecord(means.specs, 'mean'),
      ...scopeRecord(logVariances.specs, 'logVariance'),
    },
    start: (params, task, prediction) =>
      tf.tidy(() => {
        const { mean, logVariance } = distribution(params, task, prediction);
        return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), task.noise.normal(mean.shape)));
      }),
    penalty: (params, task, prediction) =>
      tf.tidy(() => {
        const { mean, logVariance } = distribution(params, task, prediction); // once more: compiled, it is computed once
        const divergence = tf.mul(klWeight, divergenceFromNormal(mean, logVariance));
        const own = start.penalty?.(unscopeRecord(params, 'start'), task, prediction);
        return own ? tf.add(divergence, own) : divergence;
      }),
  };
}

/** KL(N(mean, variance) ‖ N(0, 1)) = ½ Σ (μ² + σ² − log σ² − 1): `[T, E]` each → `[T]`. */
function divergenceFromNormal(mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.sum(terms, -1), 0.5);
}
