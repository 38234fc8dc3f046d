import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { layerNoise } from '../core/layer-noise';
import type { Network } from '../core/network';
import { formatShape, sizeOf } from '../core/shape';
import type { EmbeddingStart } from './embedding';
import { trainedSpecs } from './trained-specs';
import { unitSize } from './unit-size';

export interface GridEncoderOptions {
  /**
   * Sees the grid as one image `[height, width, values + 1]`; what it puts out is the embedding. Its last channel says how much
   * was given there.
   */
  readonly network: Network;
}

/**
 * Encodes functions of two coordinates in [-1, 1], such as images of which some pixels are given: every support value is laid
 * on the nearest points of a grid, bilinearly, and a network, such as a convolutional one, sees the grid. Any number of examples,
 * in any order and anywhere; examples of weight 0 do not count. The embedding is scaled to values of size 1. Unlike a mean over
 * examples, it tells where things are beside each other.
 *
 * Source: Gordon et al., "Convolutional Conditional Neural Processes", 2020 (arXiv 1910.13556), section 4: density channel
 * and normalized values; here the grid becomes one vector.
 *
 * @example
 * const see = sequential([16, 16, 3 + 1], [conv2d(32), activation('relu'), flatten(), dense(64)]);
 * hyperLearner(siren([2, 64, 64, 3]), modulationHypernetwork({ embeddingSize: 64 }), { start: gridEncoder({ network: see }) });
 *
 * @throws ShapeError if the network takes no images, or tasks are no functions of two coordinates with as many values
 */
export function gridEncoder({ network }: GridEncoderOptions): EmbeddingStart {
  const [height, width, channels] = network.inputShape as [number, number, number];
  if (network.inputShape.length !== 3 || channels < 2)
    throw new ShapeError(`gridEncoder: network: expected inputs of shape [height, width, values + 1], got ${formatShape(network.inputShape)}.`);
  const size = sizeOf(network.outputShape);
  return {
    size,
    specs: trainedSpecs(network),
    start(params, task) {
      const { x, y, weight } = task.support;
      if (x.rank !== 3 || x.shape[2] !== 2 || y.rank !== 3 || y.shape[2] !== channels - 1)
        throw new ShapeError(
          `gridEncoder: expected tasks with 2 coordinates and ${channels - 1} values, got x of shape ${formatShape(x.shape.slice(2))} and y of shape ${formatShape(y.shape.slice(2))}.`,
        );
      return tf.tidy(() => {
        const [tasks, n] = x.shape as [number, number];
        const counted = tf.concat([y, tf.ones([tasks, n, 1])], 2);
        const columns = tf.mul(nearness(x, 0, width), tf.expandDims(weight, 2));
        const spread = tf.reshape(tf.mul(tf.expandDims(columns, 3), tf.expandDims(counted, 2)), [tasks, n, width * channels]);
        const sums = tf.reshape(tf.matMul(nearness(x, 1, height), spread, true), [tasks, 1, height, width, channels]);
        const encoded = network.apply(params, asImage(sums), layerNoise(task));
        return unitSize(tf.reshape(encoded, [tasks, size]));
      });
    },
  };
}

/** How near one coordinate of x `[T, n, 2]` is to each of `count` points: `[T, n, count]`, 1 at a point, 0 from the next one on. */
function nearness(x: tf.Tensor, axis: 0 | 1, count: number): tf.Tensor {
  const points = tf.tensor1d(Float32Array.from({ length: count }, (_, point) => (2 * point + 1) / count - 1));
  const coordinate = tf.slice(x, [0, 0, axis], [-1, -1, 1]);
  return tf.relu(tf.sub(1, tf.mul(tf.abs(tf.sub(coordinate, points)), count / 2)));
}

/** Sums of values and of how much was given, `[T, 1, height, width, values + 1]` → means, and how much as a share below 1. */
function asImage(sums: tf.Tensor): tf.Tensor {
  const values = sums.shape.at(-1)! - 1;
  const all = [...sums.shape.slice(0, -1)];
  const density = tf.slice(sums, [0, 0, 0, 0, values], [...all, 1]);
  const means = tf.div(tf.slice(sums, [0, 0, 0, 0, 0], [...all, values]), tf.add(density, tiny));
  return tf.concat([means, tf.div(density, tf.add(density, 1))], 4);
}

/** Where nothing was given, the mean is 0. */
const tiny = 1e-3;
