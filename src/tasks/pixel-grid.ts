import { expectCount } from '../core/errors';

/**
 * Where the middles of an image's pixels are, row by row: `height · width` pairs (x, y) from -1 to 1, to the right and down, the
 * edges of the image at ±1. So images of one scene at any resolution are one function, seen at other places.
 *
 * @example
 * pixelGrid([1, 2]) // [-0.5, 0, 0.5, 0]
 *
 * @throws RangeError if a size is not a count
 */
export function pixelGrid([height, width]: readonly [height: number, width: number]): Float32Array {
  expectCount('pixelGrid: height', height);
  expectCount('pixelGrid: width', width);
  const grid = new Float32Array(height * width * 2);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      grid.set([(2 * column + 1) / width - 1, (2 * row + 1) / height - 1], (row * width + column) * 2);
  return grid;
}
