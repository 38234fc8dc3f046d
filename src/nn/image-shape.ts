import { ShapeError } from '../core/errors';
import type { Pair } from '../core/pair';
import { formatShape, type Shape } from '../core/shape';
import { outputSizes, spansOf, type Steps } from '../ops/window-steps';

/** @throws ShapeError unless the shape is that of an image that a window of this size fits in */
export function expectImage(where: string, shape: Shape, window: Pair = [1, 1]): [number, number, number] {
  if (shape.length !== 3 || shape[0]! < window[0] || shape[1]! < window[1])
    throw new ShapeError(
      `${where}: expected images [height, width, channels] of at least ${window.join(' × ')}, got ${formatShape(shape)}.`,
    );
  return shape as [number, number, number];
}

/** The settings of tf.layers that say where windows lie. */
export function standardSteps({ strides, padding, dilations }: Steps): Readonly<Record<string, unknown>> {
  return { strides, padding, dilation_rate: dilations, data_format: 'channels_last' };
}

/** The positions of windows on images of this shape, and the images' channels. @throws ShapeError if no window fits in */
export function placeWindows(where: string, shape: Shape, window: Pair, steps: Steps): { readonly positions: Pair; readonly channels: number } {
  const [height, width, channels] = expectImage(where, shape, steps.padding === 'valid' ? spansOf(window, steps) : [1, 1]);
  return { positions: outputSizes([height, width], window, steps), channels };
}
