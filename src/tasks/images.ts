import { ShapeError } from '../core/errors';
import { formatShape, type Shape } from '../core/shape';

/** Height, width and channels of an image shape; `[height, width]` has 1 channel. @throws ShapeError for another rank. */
export function imageSize(where: string, shape: Shape): readonly [height: number, width: number, channels: number] {
  if (shape.length !== 2 && shape.length !== 3)
    throw new ShapeError(`${where}: expected images of shape [height, width, channels], got ${formatShape(shape)}.`);
  return [shape[0]!, shape[1]!, shape[2] ?? 1];
}

/** Reads values in another order: `into[i] = image[order[i]]`. */
export function reorder(image: Float32Array, order: Int32Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = image[order[i]!]!;
}

/** The order that turns a square image counter-clockwise by 90° `turns` times. @throws ShapeError if not square. */
export function turnOrder(where: string, shape: Shape, turns: number): Int32Array {
  const [height, width, channels] = imageSize(where, shape);
  if (height !== width) throw new ShapeError(`${where}: expected square images to turn by 90°, got ${formatShape(shape)}.`);
  const order = new Int32Array(height * width * channels);
  const last = height - 1;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      let [fromRow, fromColumn] = [row, column];
      for (let turn = 0; turn < turns; turn++) [fromRow, fromColumn] = [fromColumn, last - fromRow];
      for (let channel = 0; channel < channels; channel++)
        order[(row * width + column) * channels + channel] = (fromRow * width + fromColumn) * channels + channel;
    }
  return order;
}

/**
 * Resizes images of one size by area: a new pixel is the mean of the old ones that it covers, by the share covered.
 * The returned function takes `[height, width, channels]` levels and gives `[newHeight, newWidth, channels]`.
 */
export function areaResizer(from: Shape, to: readonly [height: number, width: number]): (image: Uint8Array) => Uint8Array {
  const [height, width, channels] = imageSize('areaResizer', from);
  const [rows, columns] = [overlaps(height, to[0]), overlaps(width, to[1])];
  return (image) => {
    const narrow = new Float64Array(height * to[1] * channels);
    for (let row = 0; row < height; row++)
      for (const { from: column, into, share } of columns)
        for (let channel = 0; channel < channels; channel++)
          narrow[(row * to[1] + into) * channels + channel]! += share * image[(row * width + column) * channels + channel]!;
    const small = new Float64Array(to[0] * to[1] * channels);
    const line = to[1] * channels;
    for (const { from: row, into, share } of rows)
      for (let i = 0; i < line; i++) small[into * line + i]! += share * narrow[row * line + i]!;
    return Uint8Array.from(small, (level) => Math.round(level));
  };
}

interface Overlap {
  readonly from: number;
  readonly into: number;
  /** Part of the new pixel that the old one fills. */
  readonly share: number;
}

function overlaps(length: number, newLength: number): readonly Overlap[] {
  const step = length / newLength;
  return Array.from({ length: newLength }, (_, into) => {
    const [start, end] = [into * step, (into + 1) * step];
    const first = Math.floor(start);
    return Array.from({ length: Math.min(Math.ceil(end), length) - first }, (__, i) => ({
      from: first + i,
      into,
      share: (Math.min(first + i + 1, end) - Math.max(first + i, start)) / step,
    }));
  }).flat();
}
