import * as tf from '@tensorflow/tfjs';

/** Keeps the gradient finite at an embedding of zeros. */
const tiny = 1e-6;

/**
 * Embeddings `[T, E]` scaled so that the mean square of each one's values is 1.
 *
 * Source: Ortiz et al., "Magnitude Invariant Parametrizations Improve Hypernetwork Learning", 2024
 * (arXiv 2304.07645), section 4: a hypernetwork's input of constant norm.
 */
export function unitSize(embedding: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const secondMoment = tf.mean(tf.square(embedding), -1, true);
    return tf.div(embedding, tf.sqrt(tf.add(secondMoment, tiny)));
  });
}
