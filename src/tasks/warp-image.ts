import type { Shape } from '../core/shape';
import { imageSize } from './images';
import { knots, type Warp } from './warp';

/** A warped image, by bilinear sampling; outside the old image is 0. */
export function warpImage(image: Float32Array, shape: Shape, { matrix, shift, field }: Warp, into: Float32Array): void {
  const [height, width, channels] = imageSize('warpImage', shape);
  const framed = frame(image, height, width * channels, channels);
  const line = (width + 2) * channels;
  const [rr, rc, cr, cc] = matrix;
  const middleRow = (height - 1) / 2;
  const middleColumn = (width - 1) / 2;
  const fixedRow = middleRow + shift[0] * height;
  const fixedColumn = middleColumn + shift[1] * width;
  const shifts = new Float64Array(2 * knots);
  let pixel = 0;
  for (let row = 0; row < height; row++) {
    if (field) alongRow(field, (row / height) * (knots - 1), shifts);
    for (let column = 0; column < width; column++, pixel += channels) {
      const down = row - middleRow;
      const right = column - middleColumn;
      let fromRow = fixedRow + rr * down + rc * right;
      let fromColumn = fixedColumn + cr * down + cc * right;
      if (field) {
        const x = (column / width) * (knots - 1);
        const knot = 2 * Math.floor(x);
        const share = x - Math.floor(x);
        fromRow += height * (shifts[knot]! + share * (shifts[knot + 2]! - shifts[knot]!));
        fromColumn += width * (shifts[knot + 1]! + share * (shifts[knot + 3]! - shifts[knot + 1]!));
      }
      const top = Math.floor(fromRow);
      const left = Math.floor(fromColumn);
      const isOutside = top < -1 || top >= height || left < -1 || left >= width;
      const lower = fromRow - top;
      const righter = fromColumn - left;
      const from = (top + 1) * line + (left + 1) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const at = from + channel;
        into[pixel + channel] = isOutside
          ? 0
          : (1 - lower) * ((1 - righter) * framed[at]! + righter * framed[at + channels]!) +
            lower * ((1 - righter) * framed[at + line]! + righter * framed[at + line + channels]!);
      }
    }
  }
}

/** Turns an image counter-clockwise about its centre; outside the image is 0. */
export function rotateImage(image: Float32Array, shape: Shape, degrees: number, into: Float32Array): void {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  warpImage(image, shape, { matrix: [cos, sin, -sin, cos], shift: [0, 0] }, into);
}

/** The image within a frame of zeros, one pixel wide: a neighbour is then always there. */
function frame(image: Float32Array, height: number, line: number, channels: number): Float32Array {
  const framedLine = line + 2 * channels;
  const framed = new Float32Array((height + 2) * framedLine);
  for (let row = 0; row < height; row++) framed.set(image.subarray(row * line, (row + 1) * line), (row + 1) * framedLine + channels);
  return framed;
}

/** A field's shifts at the knots of one row; y from 0 up to, not reaching, `knots - 1`. */
function alongRow(field: Float32Array, y: number, into: Float64Array): void {
  const share = y - Math.floor(y);
  const top = Math.floor(y) * 2 * knots;
  for (let i = 0; i < 2 * knots; i++) into[i] = field[top + i]! + share * (field[top + 2 * knots + i]! - field[top + i]!);
}
