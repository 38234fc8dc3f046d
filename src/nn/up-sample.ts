import * as tf from '@tensorflow/tfjs';
import { expectPair, type Pair } from '../core/pair';
import { expectImage } from './image-shape';
import type { Layer } from './layer';

/** Every pixel as a block of `size` equal ones: `[T, n, H, W, C]` → `[T, n, H · size, W · size, C]`; `[height, width]` where not square. */
export function upSample(size: number | Pair = 2): Layer {
  const [down, across] = expectPair('upSample: size', size);
  return {
    name: 'upSample',
    build(inputShape) {
      const [height, width, channels] = expectImage('upSample', inputShape);
      const outputShape = [height * down, width * across, channels];
      return {
        specs: {},
        inputShape,
        outputShape,
        standardLayers: () => [{ className: 'UpSampling2D', config: { size: [down, across], data_format: 'channels_last', interpolation: 'nearest' } }],
        apply: (_params, x) =>
          tf.tidy(() => {
            const pixels = tf.tile(tf.reshape(x, [-1, 1, channels]), [1, across, 1]);
            const rows = tf.tile(tf.reshape(pixels, [-1, 1, width * across * channels]), [1, down, 1]);
            return tf.reshape(rows, [x.shape[0], x.shape[1]!, ...outputShape]);
          }),
      };
    },
  };
}
