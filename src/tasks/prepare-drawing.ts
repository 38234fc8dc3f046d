import { DataError, expectCount, expectPositive } from '../core/errors';
import { areaResizer } from './images';

/** An image as a canvas (`context.getImageData(…)`) or a decoder gives it, row-major. */
export interface Raster {
  /** 1 grey, 3 RGB or 4 RGBA levels a pixel: bytes from 0 to 255, or other numbers from 0 to 1. */
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

export interface PrepareDrawingOptions {
  /** Height and width of what is made. @default 28 */
  readonly size?: number;
  /** The share of `size` that the longer side of the drawing takes. @default 0.7, as Omniglot's drawings do on average */
  readonly extent?: number;
}

/**
 * A drawing in the form of Omniglot's, `[size, size, 1]`, row-major: ink 1, paper 0, cut out, centred by its bounding box, and
 * scaled by area. Paper is what most of the border shows, ink what differs from it: dark on light and light on dark are the
 * same. Transparent pixels are white. A thin pen is made as dark as a thick one; Omniglot's
 * lines are about a thirtieth of the drawing wide.
 *
 * @throws RangeError, DataError for levels that do not fill the image; DataError for an empty drawing
 */
export function prepareDrawing(image: Raster, { size = 28, extent = 0.7 }: PrepareDrawingOptions = {}): Float32Array {
  expectCount('prepareDrawing: size', size);
  expectPositive('prepareDrawing: extent', extent);
  if (extent > 1) throw new RangeError(`prepareDrawing: extent: expected at most 1, got ${extent}.`);
  const ink = inkOf(image);
  const { top, left, height, width } = boundsOf(ink, image);
  const side = Math.max(size > 1 ? 2 : 1, Math.round(Math.max(height, width) / extent));
  const square = new Uint8Array(side * side);
  const [down, right] = [Math.round((side - height) / 2), Math.round((side - width) / 2)];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      square[(down + row) * side + right + column] = Math.round(255 * ink[(top + row) * image.width + left + column]!);
  const levels = areaResizer([side, side, 1], [size, size])(square);
  const darkest = levels.reduce((most, level) => Math.max(most, level), 1);
  return Float32Array.from(levels, (level) => level / darkest);
}

/** Less contrast is no drawing, but noise. */
const faintest = 0.05;

/** What differs from the paper by less than this part of the darkest ink, such as a shadow, does not count for the bounding box. */
const boundary = 0.3;

/** How far each pixel is from paper, in [0, 1], the farthest 1. */
function inkOf(image: Raster): Float32Array {
  const grey = greyOf(image);
  const paper = paperOf(grey, image);
  let darkest = 0;
  for (let pixel = 0; pixel < grey.length; pixel++) {
    grey[pixel] = Math.abs(grey[pixel]! - paper);
    darkest = Math.max(darkest, grey[pixel]!);
  }
  if (darkest < faintest) throw new DataError('prepareDrawing: expected ink on paper, got an image of one level.');
  return grey.map((contrast) => contrast / darkest);
}

/** The median level along the border. */
function paperOf(grey: Float32Array, { width, height }: Raster): number {
  const border: number[] = [];
  for (let column = 0; column < width; column++) border.push(grey[column]!, grey[(height - 1) * width + column]!);
  for (let row = 0; row < height; row++) border.push(grey[row * width]!, grey[row * width + width - 1]!);
  return border.sort((one, other) => one - other)[border.length >> 1]!;
}

/** Levels in [0, 1], 0 black, transparent pixels on white; luma as of ITU-R BT.601. */
function greyOf({ data, width, height }: Raster): Float32Array {
  expectCount('prepareDrawing: width', width);
  expectCount('prepareDrawing: height', height);
  const grey = new Float32Array(width * height);
  const channels = data.length / grey.length;
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new DataError(`prepareDrawing: expected 1, 3 or 4 levels for each of ${height} x ${width} pixels, got ${data.length} in all.`);
  const scale = data instanceof Uint8Array || data instanceof Uint8ClampedArray ? 1 / 255 : 1;
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const at = pixel * channels;
    const level = channels === 1 ? data[at]! : 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    if (!Number.isFinite(level)) throw new DataError(`prepareDrawing: expected finite levels, got ${level} at pixel ${pixel}.`);
    grey[pixel] = channels === 4 ? 1 + data[at + 3]! * scale * (level * scale - 1) : level * scale;
  }
  return grey;
}

interface Bounds {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

function boundsOf(ink: Float32Array, { width, height }: Raster): Bounds {
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      if (ink[row * width + column]! < boundary) continue;
      [top, bottom] = [Math.min(top, row), row];
      [left, right] = [Math.min(left, column), Math.max(right, column)];
    }
  return { top, left, height: bottom - top + 1, width: right - left + 1 };
}
