import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { scopeRecord, unscopeRecord } from '../core/params';
import { dense } from '../nn/dense';
import { attentionPooling, type AttentionPoolingOptions } from './attention-pooling';
import type { EmbeddingStart } from './embedding';
import { exampleRows, type ExampleRowsOptions } from './example-rows';
import { unitSize } from './unit-size';

export interface AttentionEncoderOptions extends ExampleRowsOptions, AttentionPoolingOptions {
  /** Length of the embedding. */
  readonly size: number;
}

/**
 * Encodes a support set of any size and order by attention: the examples attend to each other, then a learned seed attends
 * to them all. So what an example adds can depend on the others, and the pooled value is not a mere mean. Examples of
 * weight 0 do not count. The embedding is scaled to values of size 1. Time grows with the square of the number of
 * examples. For N-way tasks use `attentionClassEncoder`, whose size does not depend on N.
 *
 * Source: Lee et al., "Set Transformer", 2019 (arXiv 1810.00825), equations 8 (blocks) and 11 (pooling, with one seed).
 *
 * @throws RangeError if the heads do not share the width evenly, or `'xyPrediction'` is asked for where no prediction
 * can be made
 */
export function attentionEncoder(options: AttentionEncoderOptions): EmbeddingStart {
  const { size } = options;
  expectCount('attentionEncoder: size', size);
  const examples = exampleRows('attentionEncoder', options);
  const pooling = attentionPooling('attentionEncoder', examples.size, options);
  const output = dense(size).build([pooling.width]);
  return {
    size,
    specs: { ...examples.specs, ...pooling.specs, ...scopeRecord(output.specs, 'output') },
    start(params, task, prediction) {
      return tf.tidy(() => {
        const { weight } = task.support;
        const pooled = pooling.pool(params, examples.read(params, task, prediction), weight, tf.expandDims(weight, 1));
        return unitSize(tf.squeeze(output.apply(unscopeRecord(params, 'output'), pooled), [1]));
      });
    },
  };
}
