import * as tf from '@tensorflow/tfjs';
import type { Examples } from '../core/task';

/** What a support set shows of each class. */
export interface ClassMeans {
  /** Mean features, `[T, ways, F]`; zeros for a class without an example. */
  readonly means: tf.Tensor;
  /** Total weight of each class's examples, `[T, ways]`: a constant. */
  readonly counts: tf.Tensor;
}

/**
 * Weighted mean of features `[T, n, F]` over the examples of each class; y is one-hot `[T, n, ways]`. Examples of
 * weight 0 do not count. The caller disposes both.
 *
 * Source: Snell, Swersky, Zemel, "Prototypical Networks", 2017 (arXiv 1703.05175), equation 1.
 */
export function classMeans(features: tf.Tensor, { y, weight }: Pick<Examples, 'y' | 'weight'>): ClassMeans {
  return tf.tidy(() => {
    const members = tf.mul(y, tf.expandDims(weight, 2));
    const counts = tf.sum(members, 1);
    const shares = tf.div(members, tf.expandDims(orOne(counts), 1));
    return { means: tf.matMul(shares, features, true, false), counts };
  });
}

/** Mean over the classes that have examples, zeros where none has: values `[T, ways, F]`, counts `[T, ways]` → `[T, F]`. The caller disposes. */
export function meanOfShown(values: tf.Tensor, counts: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const shown = tf.cast(tf.greater(counts, 0), 'float32');
    const shares = tf.expandDims(tf.div(shown, orOne(tf.sum(shown, 1, true))), 1);
    return tf.squeeze(tf.matMul(shares, values), [1]);
  });
}

/** What a sum of weights is divided by: 1 where nothing counts, as the mean of nothing is 0 here. */
export function orOne(total: tf.Tensor): tf.Tensor {
  return tf.add(total, tf.cast(tf.equal(total, 0), 'float32'));
}
