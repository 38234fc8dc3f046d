/** An image as the tasks keep it: `height · width · channels` values in [0, 1], row by row; 1 channel or 3. */
export interface PictureImage {
  readonly pixels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * A `data:image/png` address, for the `href` of an SVG image or the `src` of an HTML one.
 *
 * @throws RangeError if there are not `height · width · channels` values in [0, 1], or not 1 or 3 channels.
 */
export async function imageUrl(where: string, { pixels, width, height, channels }: PictureImage): Promise<string> {
  if (channels !== 1 && channels !== 3) throw new RangeError(`${where}: expected 1 or 3 channels, got ${channels}.`);
  const count = width * height * channels;
  if (pixels.length !== count)
    throw new RangeError(`${where}: expected ${count} pixel values (${height}×${width}×${channels}), got ${pixels.length}.`);
  const bytes = Uint8Array.from(pixels, (value) => {
    if (!(value >= -rounding && value <= 1 + rounding))
      throw new RangeError(`${where}: expected pixels in [0, 1], got ${value}; scale them before they are drawn.`);
    return Math.round(255 * Math.min(1, Math.max(0, value)));
  });
  const { encode } = await import('fast-png');
  const png = encode({ width, height, channels, depth: 8, data: bytes });
  return `data:image/png;base64,${btoa(Array.from(png, (byte) => String.fromCharCode(byte)).join(''))}`;
}

/** By how much arithmetic in single precision may leave [0, 1]. */
const rounding = 1e-3;
