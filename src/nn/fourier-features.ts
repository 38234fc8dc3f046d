import * as tf from '@tensorflow/tfjs';
import { expectCount, expectPositive, ShapeError } from '../core/errors';
import { createRng } from '../core/rng';
import { formatShape } from '../core/shape';
import type { Layer } from './layer';

export interface FourierFeaturesOptions {
  /** σ, the standard deviation of the frequencies, in periods for each unit of the input: more shows finer detail. @default 1 */
  readonly scale?: number;
  /** Chooses the frequencies, which nothing trains. @default 'fourier features' */
  readonly seed?: string;
  /** How many of an input's first values are coordinates; the others, such as a context, pass as they are. @default all */
  readonly coordinates?: number;
}

/**
 * Coordinates v as √2 (cos 2πBv, sin 2πBv) with `count` frequencies B drawn once from N(0, σ²): `[T, n, F]` →
 * `[T, n, 2 count]`, and what is no coordinate behind them. A network of dense layers behind it learns fine detail, which of bare
 * coordinates it hardly does. Their mean square is 1, whatever the coordinates.
 *
 * Source: Tancik et al., "Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains", 2020
 * (arXiv 2006.10739), section 6.1 (Gaussian mapping), times √2.
 *
 * @example
 * sequential([2], [fourierFeatures(32, { scale: 2 }), dense(64), activation('relu'), dense(3)]) // a colour image
 *
 * @throws RangeError for an option out of range; ShapeError if an input has fewer values than coordinates
 */
export function fourierFeatures(count: number, options: FourierFeaturesOptions = {}): Layer {
  const { scale = 1, seed = 'fourier features', coordinates: asked } = options;
  expectCount('fourierFeatures: count', count);
  expectPositive('fourierFeatures: scale', scale);
  if (asked !== undefined) expectCount('fourierFeatures: coordinates', asked);
  return {
    name: 'fourier',
    build(inputShape) {
      const [values = 0] = inputShape;
      const coordinates = asked ?? values;
      if (inputShape.length !== 1 || values < coordinates)
        throw new ShapeError(`fourierFeatures: expected inputs of one axis with at least ${coordinates} values, got shape ${formatShape(inputShape)}.`);
      const rng = createRng(seed);
      const angles = Float32Array.from({ length: coordinates * count }, () => 2 * Math.PI * scale * rng.normal());
      return {
        specs: {},
        inputShape,
        outputShape: [2 * count + values - coordinates],
        apply: (_params, x) =>
          tf.tidy(() => {
            const frequencies = tf.tensor2d(angles, [coordinates, count]);
            if (values === coordinates) return waves(x, frequencies);
            const [place, rest] = [tf.slice(x, [0, 0, 0], [-1, -1, coordinates]), tf.slice(x, [0, 0, coordinates])];
            return tf.concat([waves(place, frequencies), rest], 2);
          }),
        standardLayers: () => 'tf.layers has no Fourier features',
      };
    },
  };
}

/** x `[T, n, F]` and 2πBᵀ `[F, count]` → √2 times cosines and sines `[T, n, 2 count]`. */
function waves(x: tf.Tensor, frequencies: tf.Tensor2D): tf.Tensor {
  const [tasks, n, size] = x.shape as [number, number, number];
  const angles = tf.reshape(tf.matMul(tf.reshape(x, [tasks * n, size]), frequencies), [tasks, n, -1]);
  return tf.mul(tf.concat([tf.cos(angles), tf.sin(angles)], 2), Math.SQRT2);
}
