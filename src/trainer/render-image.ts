import { ShapeError } from '../core/errors';
import { pixelGrid } from '../tasks/pixel-grid';
import type { Adapted, Numbers } from './adapted';

/**
 * An image function as an image of any size: `imageFunctions` adapted to some pixels, or to an image of another resolution. A finer
 * grid than that of the support set is super-resolution: the function sampled in between. Values are held in [0, 1].
 *
 * @example
 * const adapted = await trainer.adapt({ x: pixelGrid([32, 32]), y: image });
 * const { pixels, width, height, channels } = renderImage(adapted, [128, 128]);
 *
 * @throws ShapeError for a network that is no function of two coordinates
 */
export function renderImage(
  adapted: Pick<Adapted, 'predict'>,
  [height, width]: readonly [height: number, width: number],
): { readonly pixels: Float32Array; readonly width: number; readonly height: number; readonly channels: number } {
  const grid = pixelGrid([height, width]);
  const places = Array.from({ length: height * width }, (_, place) => grid.subarray(2 * place, 2 * place + 2));
  const values = adapted.predict(places) as readonly Numbers[]; // a list for a list
  const [first] = values;
  if (!Array.isArray(first)) throw new ShapeError('renderImage: expected the channels of a pixel as output, got a single number.');
  const pixels = Float32Array.from((values as readonly (readonly number[])[]).flat(), (value) => Math.min(1, Math.max(0, value)));
  return { pixels, width, height, channels: first.length };
}
