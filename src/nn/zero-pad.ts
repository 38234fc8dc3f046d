import * as tf from '@tensorflow/tfjs';
import { expectPair, type Pair } from '../core/pair';
import { expectImage } from './image-shape';
import type { Layer } from './layer';

/**
 * Zeros around images: `[T, n, H, W, C]` → `[T, n, H + top + bottom, W + left + right, C]`. One number for all four sides,
 * `[vertical, horizontal]`, or `[[top, bottom], [left, right]]`.
 */
export function zeroPad(padding: number | Pair | readonly [Pair, Pair] = 1): Layer {
  const [vertical, horizontal] = readMargins(padding);
  return {
    name: 'zeroPad',
    build(inputShape) {
      const [height, width, channels] = expectImage('zeroPad', inputShape);
      return {
        specs: {},
        inputShape,
        outputShape: [height + vertical[0] + vertical[1], width + horizontal[0] + horizontal[1], channels],
        apply: (_params, x) => tf.pad(x, [[0, 0], [0, 0], [...vertical], [...horizontal], [0, 0]]),
        standardLayers: () => [{ className: 'ZeroPadding2D', config: { padding: [vertical, horizontal], data_format: 'channels_last' } }],
      };
    },
  };
}

function readMargins(padding: number | Pair | readonly [Pair, Pair]): readonly [Pair, Pair] {
  const sides: readonly (number | Pair)[] = typeof padding === 'number' ? [padding, padding] : padding;
  if (sides.length !== 2)
    throw new RangeError(`zeroPad: expected a number, [vertical, horizontal] or [[top, bottom], [left, right]], got ${JSON.stringify(padding)}.`);
  return [expectPair('zeroPad: padding above and below', sides[0]!, 0), expectPair('zeroPad: padding left and right', sides[1]!, 0)];
}
