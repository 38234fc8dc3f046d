import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { layerNoise } from '../core/layer-noise';
import type { TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord, type Params } from '../core/params';
import { sizeOf, type Shape } from '../core/shape';
import { mlp } from '../nn/mlp';
import { attentionPooling, type AttentionPoolingOptions } from './attention-pooling';
import { meanOfShown } from './class-means';
import type { ClassEmbeddingStart } from './embedding';
import { trainedSpecs } from './trained-specs';
import { unitSize } from './unit-size';

export interface AttentionClassEncoderOptions extends AttentionPoolingOptions {
  /** Length of the task's embedding. */
  readonly size: number;
  /** Shape of one x. */
  readonly inputShape: Shape;
  /** A network that x goes through first, such as the body of a convolutional one. @default x itself, flattened */
  readonly features?: Network;
}

/**
 * Encodes the support set of an N-way task by attention: all examples attend to each other, without their labels; then a
 * learned seed attends to the examples of each class, which gives the class's embedding, of `width` values. The task
 * embedding is the mean over the classes shown of a network of theirs, scaled to values of size 1. No size depends on N,
 * and the order of the classes does not change the task embedding. Examples of weight 0 do not count.
 *
 * Source: Lee et al., "Set Transformer", 2019 (arXiv 1810.00825), equations 8 and 11, pooled class by class.
 *
 * @throws RangeError if a size is not a count, or the heads do not share the width evenly
 */
export function attentionClassEncoder(options: AttentionClassEncoderOptions): ClassEmbeddingStart {
  const { size, inputShape, features, activation = 'relu' } = options;
  expectCount('attentionClassEncoder: size', size);
  const inputs = sizeOf(features ? features.outputShape : inputShape);
  const pooling = attentionPooling('attentionClassEncoder', inputs, options);
  const { width } = pooling;
  const perClass = mlp([width, width, size], { activation });

  /** Embeddings of the classes `[T, ways, width]`, zeros where none is shown, and what each counts for `[T, ways]`. */
  function encode(params: Params, task: TaskInputs): { readonly classes: tf.Tensor; readonly counts: tf.Tensor } {
    const { x, y, weight } = task.support;
    const [tasks, n] = x.shape as [number, number];
    const seen = features ? features.apply(unscopeRecord(params, 'features'), x, { weight, ...layerNoise(task) }) : x;
    const readers = tf.mul(tf.transpose(y, [0, 2, 1]), tf.expandDims(weight, 1));
    const pooled = pooling.pool(params, tf.reshape(seen, [tasks, n, inputs]), weight, readers);
    const counts = tf.sum(readers, 2);
    return { classes: tf.mul(pooled, tf.expandDims(tf.cast(tf.greater(counts, 0), 'float32'), 2)), counts };
  }

  return {
    size,
    classSize: width,
    specs: {
      ...(features ? scopeRecord(trainedSpecs(features), 'features') : {}),
      ...pooling.specs,
      ...scopeRecord(perClass.specs, 'class'),
    },
    startClasses: (params, task) => tf.tidy(() => encode(params, task).classes),
    start(params, task) {
      return tf.tidy(() => {
        const { classes, counts } = encode(params, task);
        return unitSize(meanOfShown(perClass.apply(unscopeRecord(params, 'class'), classes), counts));
      });
    },
  };
}
