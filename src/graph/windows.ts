import type * as tf from '@tensorflow/tfjs';
import { areaOf, type Pair } from '../core/pair';
import type { Attributes } from './graph';

/**
 * Where the windows of a convolution or pooling lie: lists of rows, one row a pixel in reading order. A number past the
 * last row means padding.
 */
export interface Geometry {
  /** Height and width of an image. */
  readonly size: Pair;
  readonly window: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Rows and columns of padding before the image. */
  readonly before: Pair;
  /** Positions of the window along each axis. */
  readonly positions: Pair;
}

/** From what tfjs works out of a convolution's or a pooling's attributes. */
export function geometryFrom(found: Conv2DInfo): Geometry {
  return {
    size: [found.inHeight, found.inWidth],
    window: [found.filterHeight, found.filterWidth],
    strides: [found.strideHeight, found.strideWidth],
    dilations: [found.dilationHeight, found.dilationWidth],
    before: [found.padInfo.top, found.padInfo.left],
    positions: [found.outHeight, found.outWidth],
  };
}

/** That of a node, as the tracer wrote it. */
export function readGeometry(attributes: Attributes): Geometry {
  return attributes as unknown as Geometry;
}

type Conv2DInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** A list of rows for each of `rows` results, row-major. */
export interface RowIndex {
  readonly values: Int32Array;
  readonly shape: Pair;
}

/** The pixels under each window: `[positions, taps]`. */
export function windowIndex(geometry: Geometry): RowIndex {
  const { size, window, strides, dilations, before, positions } = geometry;
  return fill(positions, window, ([row, column], [tapRow, tapColumn]) =>
    rowOf(size, row * strides[0] + tapRow * dilations[0] - before[0], column * strides[1] + tapColumn * dilations[1] - before[1]),
  );
}

/** For each pixel, the position that sees it through one tap, or padding: `[pixels, 1]`. Undoes one tap of `windowIndex`. */
export function tapIndex(geometry: Geometry, tap: number): RowIndex {
  const { size, window } = geometry;
  const [tapRow, tapColumn] = [Math.floor(tap / window[1]), tap % window[1]];
  return fill(size, [1, 1], ([row, column]) => positionOf(geometry, [row, column], [tapRow, tapColumn]));
}

/** For each pixel its place among the windows' first taps, then their second taps …, where windows lie side by side: `[pixels, 1]`. */
export function sideBySideIndex({ size, window, positions }: Geometry): RowIndex {
  return fill(size, [1, 1], ([row, column]) => {
    const place = rowOf(positions, Math.floor(row / window[0]), Math.floor(column / window[1]));
    const tap = (row % window[0]) * window[1] + (column % window[1]);
    return place < areaOf(positions) ? tap * areaOf(positions) + place : areaOf(window) * areaOf(positions);
  });
}

/** Pixels that are seen through the same taps. */
export interface Phase {
  /** The taps, in reading order. */
  readonly taps: readonly number[];
  /** The positions that see each pixel through them: `[pixels of the phase, taps]`. */
  readonly index: RowIndex;
}

/**
 * The transposed convolution at exact cost: with a stride, pixels fall into phases by their parity, each with taps of its
 * own. `order` `[pixels, 1]` puts the phases' rows, one phase after another, back in reading order.
 */
export function phases(geometry: Geometry): { readonly phases: readonly Phase[]; readonly order: RowIndex } {
  const { size, window, strides } = geometry;
  const found: Phase[] = [];
  const order = new Int32Array(areaOf(size)).fill(areaOf(size));
  let placed = 0;
  for (let phaseRow = 0; phaseRow < Math.min(strides[0], size[0]); phaseRow++)
    for (let phaseColumn = 0; phaseColumn < Math.min(strides[1], size[1]); phaseColumn++) {
      const pixels = pixelsFrom([phaseRow, phaseColumn], strides, size);
      const taps = Array.from({ length: areaOf(window) }, (_, tap) => tap).filter((tap) => pixels.some((pixel) => sees(pixel, tap)));
      if (taps.length === 0) continue;
      const values = Int32Array.from(pixels.flatMap((pixel) => taps.map((tap) => seenFrom(pixel, tap))));
      found.push({ taps, index: { values, shape: [pixels.length, taps.length] } });
      for (const [row, column] of pixels) order[row * size[1] + column] = placed++;
    }
  // What no tap sees is zero: the row past the last of those that were placed.
  const values = order.map((place) => Math.min(place, placed));
  return { phases: found, order: { values, shape: [areaOf(size), 1] } };

  function seenFrom(pixel: Pair, tap: number): number {
    return positionOf(geometry, pixel, [Math.floor(tap / window[1]), tap % window[1]]);
  }

  function sees(pixel: Pair, tap: number): boolean {
    return seenFrom(pixel, tap) < areaOf(geometry.positions);
  }
}

/** Rows `first, first + step, …` both ways. */
function pixelsFrom(first: Pair, step: Pair, size: Pair): Pair[] {
  const pixels: Pair[] = [];
  for (let row = first[0]; row < size[0]; row += step[0])
    for (let column = first[1]; column < size[1]; column += step[1]) pixels.push([row, column]);
  return pixels;
}

/** The position whose tap lies on a pixel; one past the last where there is none. */
function positionOf({ strides, dilations, before, positions }: Geometry, pixel: Pair, tap: Pair): number {
  const along = [0, 1].map((axis) => (pixel[axis]! + before[axis]! - tap[axis]! * dilations[axis]!) / strides[axis]!);
  return along.every((place) => Number.isInteger(place)) ? rowOf(positions, along[0]!, along[1]!) : areaOf(positions);
}

function rowOf([height, width]: Pair, row: number, column: number): number {
  return row >= 0 && row < height && column >= 0 && column < width ? row * width + column : height * width;
}

function fill(places: Pair, taps: Pair, rowAt: (place: Pair, tap: Pair) => number): RowIndex {
  const values = new Int32Array(areaOf(places) * areaOf(taps));
  let at = 0;
  for (let row = 0; row < places[0]; row++)
    for (let column = 0; column < places[1]; column++)
      for (let tapRow = 0; tapRow < taps[0]; tapRow++)
        for (let tapColumn = 0; tapColumn < taps[1]; tapColumn++) values[at++] = rowAt([row, column], [tapRow, tapColumn]);
  return { values, shape: [areaOf(places), areaOf(taps)] };
}
