import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import type { Network } from '../core/network';
import { mapParams, mapRecord } from '../core/params';
import { formatShape } from '../core/shape';
import type { Layer } from './layer';

export interface OnSequencesOptions {
  readonly layer: Layer;
  /** Sequences are at least so long. */
  readonly shortest: number;
  /** What it is in tf.layers. */
  readonly standardLayers: NonNullable<Network['standardLayers']>;
}

/**
 * A layer of images as one of sequences, which are images of height 1: `[T, n, length, C]`. Kernels `[1, k, C, F]` become
 * `[k, C, F]`.
 *
 * @throws ShapeError on building, unless its input is sequences of at least `shortest`
 */
export function onSequences(where: string, { layer, shortest, standardLayers }: OnSequencesOptions): Layer {
  return {
    name: layer.name,
    build(inputShape) {
      if (inputShape.length !== 2 || inputShape[0]! < shortest)
        throw new ShapeError(`${where}: expected sequences [length, channels] of at least ${shortest}, got ${formatShape(inputShape)}.`);
      const network = layer.build([1, ...inputShape]);
      return {
        specs: mapRecord(network.specs, (spec) => (spec.role === 'kernel' ? { ...spec, shape: spec.shape.slice(1) } : spec)),
        inputShape,
        outputShape: network.outputShape.slice(1),
        standardLayers,
        apply: (params, x) =>
          tf.tidy(() => {
            const ofImages = mapParams(params, (value, name) => (network.specs[name]?.role === 'kernel' ? tf.expandDims(value, 1) : value));
            return tf.squeeze(network.apply(ofImages, tf.expandDims(x, 2)), [2]);
          }),
      };
    },
  };
}
