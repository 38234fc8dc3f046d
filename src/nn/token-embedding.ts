import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { normalInit } from '../core/initializers';
import type { Initializer } from '../core/params';
import { taskMatMul } from '../ops/task-mat-mul';
import type { Layer } from './layer';

export interface TokenEmbeddingOptions {
  /** How the table starts. @default normal values of deviation 1 / √size */
  readonly init?: Initializer;
}

/**
 * Token numbers, as floats, to rows of a table `[vocabulary, size]`: `[T, n, ...]` → `[T, n, ..., size]`. A number that is
 * not a whole one in [0, vocabulary) gives zeros: a padding of −1, say. Rows are picked by products with one-hot rows, which
 * are differentiable to any order on every back-end and take `vocabulary` floats for each token of a batch.
 *
 * (A task's embedding is another thing: see `learnedEmbedding`.)
 */
export function tokenEmbedding(vocabulary: number, size: number, { init }: TokenEmbeddingOptions = {}): Layer {
  expectCount('tokenEmbedding: vocabulary', vocabulary);
  expectCount('tokenEmbedding: size', size);
  return {
    name: 'embedding',
    build(inputShape) {
      return {
        specs: { table: { shape: [vocabulary, size], role: 'kernel', fanIn: 1, init: init ?? normalInit(1 / Math.sqrt(size)) } },
        inputShape,
        outputShape: [...inputShape, size],
        apply: ({ table }, x) =>
          tf.tidy(() => {
            const [tasks, n] = x.shape as [number, number];
            const tokens = tf.reshape(x, [tasks, -1, 1]);
            const oneHot = tf.cast(tf.equal(tokens, tf.range(0, vocabulary)), 'float32');
            const rows = taskMatMul(oneHot, table!);
            return tf.reshape(rows, [rows.shape[0], n, ...inputShape, size]);
          }),
      };
    },
  };
}
