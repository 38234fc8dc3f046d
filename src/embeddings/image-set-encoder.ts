import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { layerNoise } from '../core/layer-noise';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord } from '../core/params';
import { formatShape, sizeOf } from '../core/shape';
import { orOne } from './class-means';
import type { EmbeddingStart } from './embedding';
import { trainedSpecs } from './trained-specs';

export interface ImageSetEncoderOptions {
  /** Sees one image, its values in the order of the examples, as `[784]` or as `[28, 28, 1]`, and ends in features `[F]`. */
  readonly image: Network;
  /** Sees the mean of the images' features, `[F]`, and ends in the embedding. @default none: the mean is the embedding */
  readonly set?: Network;
}

/**
 * Encodes a support set of whole images, one or several: embedding = set(mean over images of image(targets)). An example is a
 * point of an image, with its value as target, all points of the first image before those of the next; or a whole image, with
 * all its values as target. The encoder of an autoencoder. What the points are is not looked at, so they must be the same, in
 * the same order, for every image; for some pixels of an image, anywhere, take `setEncoder`. An image counts by the weight of
 * its last example; what is left over behind the last whole image is taken for padding.
 *
 * Source: Kingma, Welling 2014 (arXiv 1312.6114), appendix C; for several images: Zaheer et al., "Deep Sets", 2017 (arXiv
 * 1703.06114), theorem 2.
 *
 * @example
 * const image = sequential([784], [dense(256), activation('relu')]);
 * const start = gaussianEmbedding(imageSetEncoder({ image }), { size: 32 }); // of a variational autoencoder
 *
 * @throws RangeError if a network does not end in a list of features, or the second does not take those of the first;
 * ShapeError, from `start`, for a support set of less than an image
 */
export function imageSetEncoder({ image, set }: ImageSetEncoderOptions): EmbeddingStart {
  const features = countFeatures('image', image);
  if (set && sizeOf(set.inputShape) !== features)
    throw new RangeError(`imageSetEncoder: set: expected a network of ${features} inputs, as many as an image has features, got ${formatShape(set.inputShape)}.`);
  return {
    size: set ? countFeatures('set', set) : features,
    specs: { ...scopeRecord(trainedSpecs(image), 'image'), ...(set ? scopeRecord(trainedSpecs(set), 'set') : {}) },
    start(params, task) {
      const { y, weight } = task.support;
      return tf.tidy(() => {
        const [tasks, n, ...target] = y.shape as [number, number, ...number[]];
        const points = sizeOf(image.inputShape) / sizeOf(target);
        const count = Math.floor(n / points);
        if (count < 1)
          throw new ShapeError(`imageSetEncoder: support.y: expected at least ${points} examples, the points of an image ${formatShape(image.inputShape)}, got ${n}.`);
        const whole = (value: tf.Tensor) => (n === count * points ? value : tf.slice(value, value.shape.map(() => 0), [tasks, count * points, ...value.shape.slice(2)]));
        const counts = tf.slice(tf.reshape(whole(weight), [tasks, count, points]), [0, 0, points - 1], [tasks, count, 1]);
        const pass = { weight: tf.squeeze(counts, [2]), ...layerNoise(task) };
        const encoded = image.apply(unscopeRecord(params, 'image'), tf.reshape(whole(y), [tasks, count, ...image.inputShape]), pass);
        const mean = tf.div(tf.sum(tf.mul(encoded, counts), 1, true), orOne(tf.sum(counts, 1, true))); // [T, 1, F]
        return tf.squeeze(set ? set.apply(unscopeRecord(params, 'set'), mean, layerNoise(task)) : mean, [1]);
      });
    },
  };
}

/** @throws RangeError unless the outputs are a list */
function countFeatures(where: string, { outputShape }: Network): number {
  if (outputShape.length !== 1)
    throw new RangeError(`imageSetEncoder: ${where}: expected a network with outputs of shape [*], got ${formatShape(outputShape)}; end it with flatten().`);
  return outputShape[0]!;
}
