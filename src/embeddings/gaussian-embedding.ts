import * as tf from '@tensorflow/tfjs';
import { expectCount, expectNotNegative, expectPositive } from '../core/errors';
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
  /**
   * Sees the query set in meta-training, as if it were the support set: the embedding is then sampled from the distribution that
   * it makes, and the divergence is that from the support set's, which is all that is left at adaptation. @default none: the
   * divergence is that of the support set's distribution from a standard normal one
   */
  readonly posterior?: EmbeddingStart;
}

/**
 * A distribution over a task's embeddings in place of one: linear layers over any other start give mean and log variance,
 * from which the embedding is sampled: mean + √variance · noise. Each adaptation draws another, so that
 * `trainer.adapt(support, { samples: 20 })` says how far the support set leaves the task open. Its divergence from a
 * standard normal distribution, β · KL(q(embedding | support) ‖ N(0, 1)), is added to the query loss by `hyperLearner`,
 * `hyperClassifier` (as the start of a body) and `neuralProcess`, trained with `unrolled()`.
 *
 * With a `posterior` the distribution of the support set is a prior that is learned: what the query set asks for is drawn near
 * what the support set makes likely. So from a few images of a kind come others of that kind.
 *
 * Source: Kingma, Welling, "Auto-Encoding Variational Bayes", 2014 (arXiv 1312.6114), equation 10 and appendix B; with a
 * posterior: Garnelo et al., "Neural Processes", 2018 (arXiv 1807.01622), equation 8, and Sohn et al., "Learning Structured
 * Output Representation using Deep Conditional Generative Models", 2015, equation 4.
 *
 * @example
 * const encoder = setEncoder({ size: 8, inputShape: [1], targetShape: [1] });
 * hyperLearner(mlp([1, 40, 1]), chunkedHypernetwork({ embeddingSize: 8 }), { start: gaussianEmbedding(encoder), adapt: 'nothing' });
 *
 * @throws RangeError for an option out of range
 */
export function gaussianEmbedding(start: EmbeddingStart, options: GaussianEmbeddingOptions = {}): EmbeddingStart {
  const { size = start.size, klWeight = 0.01, deviation = 0.1, posterior } = options;
  expectCount('gaussianEmbedding: size', size);
  expectNotNegative('gaussianEmbedding: klWeight', klWeight);
  expectPositive('gaussianEmbedding: deviation', deviation);
  const prior = distribution(start, size, deviation);
  const better = posterior && distribution(posterior, size, deviation);

  /** In meta-training the posterior, where there is one; else what the support set says. */
  function drawnFrom(params: Params, task: TaskInputs, prediction?: () => tf.Tensor): Gaussian {
    if (!better || !task.query) return prior.of(params, task, prediction);
    return better.of(unscopeRecord(params, 'posterior'), { ...task, support: task.query });
  }

  return {
    size,
    specs: { ...prior.specs, ...(better ? scopeRecord(better.specs, 'posterior') : {}) },
    start: (params, task, prediction) =>
      tf.tidy(() => {
        const { mean, logVariance } = drawnFrom(params, task, prediction);
        return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), task.noise.normal(mean.shape)));
      }),
    penalty: (params, task, prediction) =>
      tf.tidy(() => {
        const drawn = drawnFrom(params, task, prediction); // once more: compiled, it is computed once
        const divergence = tf.mul(klWeight, divergenceFrom(drawn, better ? prior.of(params, task, prediction) : undefined));
        const own = start.penalty?.(unscopeRecord(params, 'start'), task, prediction);
        return own ? tf.add(divergence, own) : divergence;
      }),
  };
}

/** `[T, E]` each. */
interface Gaussian {
  readonly mean: tf.Tensor;
  readonly logVariance: tf.Tensor;
}

/** Linear layers over a start: mean and log variance. */
function distribution(start: EmbeddingStart, size: number, deviation: number) {
  const linear = (spread: number, at: number) =>
    dense(size, { init: (fanIn) => normalInit(spread / Math.sqrt(fanIn)), biasInit: () => constantInit(at) }).build([start.size]);
  const means = linear(1, 0);
  const logVariances = linear(0.1, 2 * Math.log(deviation));
  return {
    specs: {
      ...scopeRecord(start.specs, 'start'),
      ...scopeRecord(means.specs, 'mean'),
      ...scopeRecord(logVariances.specs, 'logVariance'),
    },
    of(params: Params, task: TaskInputs, prediction?: () => tf.Tensor): Gaussian {
      const made = tf.expandDims(start.start(unscopeRecord(params, 'start'), task, prediction), 1);
      const apply = (network: typeof means, scope: string) => tf.squeeze(network.apply(unscopeRecord(params, scope), made), [1]);
      return { mean: apply(means, 'mean'), logVariance: apply(logVariances, 'logVariance') };
    },
  };
}

/**
 * KL(N(μ, σ²) ‖ prior), `[T]`: ½ Σ (μ² + σ² − log σ² − 1) from a standard normal; from another, with μ less its mean, the
 * squares over its variance, and log σ² less its own.
 */
function divergenceFrom({ mean, logVariance }: Gaussian, prior: Gaussian | undefined): tf.Tensor {
  const squares = tf.add(tf.square(prior ? tf.sub(mean, prior.mean) : mean), tf.exp(logVariance));
  const scaled = prior ? tf.mul(squares, tf.exp(tf.neg(prior.logVariance))) : squares;
  const logRatio = prior ? tf.sub(logVariance, prior.logVariance) : logVariance;
  return tf.mul(tf.sum(tf.sub(scaled, tf.add(logRatio, 1)), -1), 0.5);
}
