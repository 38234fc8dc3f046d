import { DataError } from '../core/errors';
import { pngDecoder, withChannels } from './decode-image';
import { areaResizer } from './images';

/** Height and width of Omniglot's drawings. */
export const drawingSize = 105;

/**
 * Loads a reader of Omniglot's drawings: a PNG of 105 × 105 becomes `size × size` levels, ink 255 and paper 0, shrunk by
 * area. `where` names the file in errors.
 */
export async function drawingReader(size: number): Promise<(bytes: Uint8Array, where: string) => Uint8Array> {
  const decode = await pngDecoder();
  const shrink = areaResizer([drawingSize, drawingSize, 1], [size, size]);
  return (bytes, where) => {
    const { height, width, levels } = withChannels(decode(bytes, where), 1);
    if (height !== drawingSize || width !== drawingSize)
      throw new DataError(`${where}: expected ${drawingSize} x ${drawingSize} pixels, got ${height} x ${width}.`);
    return shrink(levels).map((level) => 255 - level);
  };
}
