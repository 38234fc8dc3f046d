import * as tf from '@tensorflow/tfjs';
import { DataError, expectCount } from '../core/errors';
import { expectShape } from '../core/shape';
import type { ActivationName } from '../nn/activation';
import { mlp } from '../nn/mlp';
import type { EmbeddingStart } from './embedding';
import { encodeBounded, expectBounds, type Bounds } from './encode-bounded';

export interface ConditionEmbeddingOptions {
  /** Length of the user's vector: `conditionSize` of the task source. */
  readonly conditionSize: number;
  /** Length of the embedding. @default conditionSize, twice that with `bounds` */
  readonly size?: number;
  /**
   * Between which the vector's values lie: they are then encoded as cosines and sines, so that the size of the
   * generated weights does not follow that of the vector (`encodeBounded`). @default the vector as it is
   */
  readonly bounds?: Bounds;
  /** Sizes of hidden layers between the vector and the embedding. @default [] */
  readonly hidden?: readonly number[];
  /** Between the encoder's own layers. @default 'relu' */
  readonly activation?: ActivationName;
}

/**
 * The user's own description of a task as its embedding: the vector itself, or a small network of it where `size` or
 * `hidden` is given. Vectors with values of about size 1 keep the hypernetwork's initialization right; `bounds` sees to
 * that.
 *
 * @throws DataError if a task has no condition
 * @throws ShapeError if its condition has another length
 */
export function conditionEmbedding(options: ConditionEmbeddingOptions): EmbeddingStart {
  const { conditionSize, bounds, hidden = [], activation = 'relu' } = options;
  const inputs = bounds ? 2 * conditionSize : conditionSize;
  const { size = inputs } = options;
  expectCount('conditionEmbedding: conditionSize', conditionSize);
  expectCount('conditionEmbedding: size', size);
  if (bounds) expectBounds('conditionEmbedding: bounds', bounds);
  const isItself = options.size === undefined && hidden.length === 0;
  const network = isItself ? undefined : mlp([inputs, ...hidden, size], { activation });
  return {
    size,
    specs: network ? network.specs : {},
    start(params, { condition }) {
      if (!condition)
        throw new DataError(
          'conditionEmbedding: expected tasks with a condition, got none; give a task source with `conditionSize`, or start from learnedEmbedding or setEncoder.',
        );
      expectShape('condition', condition, [null, conditionSize]);
      return tf.tidy(() => {
        const encoded = bounds ? encodeBounded(condition, bounds) : tf.clone(condition);
        return network ? tf.squeeze(network.apply(params, tf.expandDims(encoded, 1)), [1]) : encoded;
      });
    },
  };
}
