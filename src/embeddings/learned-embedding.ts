import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { normalInit } from '../core/initializers';
import type { EmbeddingStart } from './embedding';

/**
 * One learned embedding from which every task starts. It begins at standard normal values: from zeros, a network
 * without biases could not move it.
 *
 * @throws RangeError if the size is not a count
 */
export function learnedEmbedding({ size }: { readonly size: number }): EmbeddingStart {
  expectCount('learnedEmbedding: size', size);
  return {
    size,
    specs: { embedding: { shape: [size], role: 'embedding', fanIn: 1, init: normalInit(1) } },
    start(params, { support }) {
      // Adding zeros copies along the task axis: the gradient of that is one sum.
      return tf.tidy(() => tf.add(params['embedding']!, tf.zeros([support.x.shape[0], size])));
    },
  };
}
