import * as tf from '@tensorflow/tfjs';
import { expectCount, expectPositive } from '../core/errors';
import type { EmbeddingStart } from './embedding';

export interface RandomEmbeddingOptions {
  readonly size: number;
  /** Standard deviation of the values. @default 1 */
  readonly deviation?: number;
}

/**
 * Every task starts from a random vector of its own: nothing is learned across tasks. In many dimensions such vectors
 * stand far apart, so that tasks which come one after another do not begin in each other's place.
 *
 * Source: von Oswald et al., "Continual Learning with Hypernetworks", 2020 (arXiv 1906.00695), appendix C.
 *
 * @throws RangeError if the size is not a count, or the deviation not above 0
 */
export function randomEmbedding({ size, deviation = 1 }: RandomEmbeddingOptions): EmbeddingStart {
  expectCount('randomEmbedding: size', size);
  expectPositive('randomEmbedding: deviation', deviation);
  return {
    size,
    specs: {},
    start: (_params, { support, noise }) => tf.tidy(() => tf.mul(noise.normal([support.x.shape[0], size]), deviation)),
  };
}
