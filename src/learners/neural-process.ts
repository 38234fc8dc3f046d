import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord } from '../core/params';
import type { EmbeddingStart } from '../embeddings/embedding';
import { baseWeights } from './base-params';
import { withContext } from './with-context';

export interface NeuralProcessOptions {
  /** Makes the task's embedding from its support set: `setEncoder`, or `gaussianEmbedding` of one for a latent process. */
  readonly encoder: EmbeddingStart;
}

/**
 * A network that is told what task it is in: an encoder of the support set makes the task's embedding, which the base
 * network takes as extra inputs. Nothing is adapted by steps. The base network's last input axis holds the task's own
 * values and then the embedding. With the objective `gaussian()` it predicts a distribution, as in the paper.
 *
 * Source: Garnelo et al., "Conditional Neural Processes", 2018 (arXiv 1807.01613), equations 1 to 3.
 *
 * @example
 * const encoder = setEncoder({ size: 16, inputShape: [1], targetShape: [1] });
 * const learner = neuralProcess(mlp([1 + 16, 64, 64, 2]), { encoder }); // mean and deviation
 * const trainer = await metaTrainer(learner, { ...sinusoids(), objective: gaussian() });
 *
 * @throws RangeError if the base network has no room for the embedding
 */
export function neuralProcess(base: Network, { encoder }: NeuralProcessOptions): Learner {
  const { penalty } = encoder;
  return {
    name: 'neural process',
    base: withContext('neuralProcess', base, encoder.size),
    specs: { ...scopeRecord(base.specs, 'base'), ...scopeRecord(encoder.specs, 'start') },
    start: (meta, task) => ({ embedding: encoder.start(unscopeRecord(meta, 'start'), task) }),
    weights: baseWeights,
    adapts: () => [],
    ...(penalty ? { penalty: (meta, path) => penalty(unscopeRecord(meta, 'start'), path[0]!.task) } : {}),
  };
}
