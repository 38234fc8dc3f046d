import * as tf from '@tensorflow/tfjs';
import type { Examples } from '../core/task';
import { classMeans, type ClassMeans } from './class-means';

/**
 * What a support set's boxes show of each class: the mean feature of the cells that answer for its boxes, each box counting
 * alike. features `[T|1, n, rows, columns, F]`, y `[T, n, rows, columns, 6]` as `encodeBoxes` makes them, weight `[T, n]` → means
 * `[T, classes, F]`, zeros for a class without a box, and the number of boxes `[T, classes]`. The caller disposes both.
 */
export function boxMeans(features: tf.Tensor, { y, weight }: Pick<Examples, 'y' | 'weight'>, classes: number): ClassMeans {
  return tf.tidy(() => {
    const [tasks, n, rows, columns] = y.shape as [number, number, number, number];
    const cells = n * rows * columns;
    const [kind, counted] = tf.split(y, [1, 1, 4], -1) as [tf.Tensor, tf.Tensor];
    const isClass = tf.cast(tf.equal(tf.reshape(kind, [tasks, cells, 1]), tf.range(1, classes + 1)), 'float32');
    const share = tf.reshape(tf.mul(counted, tf.reshape(weight, [tasks, n, 1, 1, 1])), [tasks, cells]);
    return { ...classMeans(tf.reshape(features, [features.shape[0], cells, features.shape[4]!]), { y: isClass, weight: share }) };
  });
}
