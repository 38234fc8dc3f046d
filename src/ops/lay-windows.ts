import * as tf from '@tensorflow/tfjs';
import { areaOf, type Pair } from '../core/pair';
import type { Shape } from '../core/shape';
import { outputSizes, paddingBefore, type Steps } from './window-steps';

/** Windows of a pooling. */
export interface Windows extends Steps {
  readonly window: Pair;
}

/** Positions of the windows on images `[…, H, W, C]`. */
export function positionsOf(shape: Shape, windows: Windows): Pair {
  return outputSizes(sizeOfImages(shape), windows.window, windows);
}

/** Number of pixels that each window holds, padding left out, row-major. */
export function heldBy(shape: Shape, windows: Windows): readonly number[] {
  const size = sizeOfImages(shape);
  const [rows, columns] = pixelsOf(size, windows);
  const along = (pixels: readonly number[], axis: 0 | 1) => {
    const counts = Array.from({ length: pixels.length / windows.window[axis] }, () => 0);
    for (const [index, pixel] of pixels.entries()) if (pixel >= 0 && pixel < size[axis]) counts[Math.floor(index / windows.window[axis])]! += 1;
    return counts;
  };
  const across = along(columns, 1);
  return along(rows, 0).flatMap((down) => across.map((count) => down * count));
}

/** Images `[…, H, W, C]` → `[places, windows]`: a row for each place in a window, in reading order; padding has the value `fill`. */
export function layApart(x: tf.Tensor, windows: Windows, fill: number): tf.Tensor {
  const { window } = windows;
  const channels = x.shape.at(-1)!;
  const columns = positionsOf(x.shape, windows)[1];
  const side = laySideBySide(tf.reshape(x, [-1, ...x.shape.slice(-3)]), windows, fill);
  // Two transposes of rank 3: one of rank 5 takes 50 times as long on wasm.
  const byColumn = tf.transpose(tf.reshape(side, [-1, window[1], channels]), [1, 0, 2]);
  const byPlace = tf.transpose(tf.reshape(byColumn, [-1, window[0], columns * channels]), [1, 0, 2]);
  return tf.reshape(byPlace, [areaOf(window), -1]);
}

/** Undoes `layApart`: adds up what windows that overlap have at one pixel, and leaves 0 where none is. */
export function layTogether(values: tf.Tensor, windows: Windows, shape: Shape): tf.Tensor {
  const { window } = windows;
  const channels = shape.at(-1)!;
  const [rows, columns] = positionsOf(shape, windows);
  const byColumn = tf.transpose(tf.reshape(values, [window[0], -1, columns * channels]), [1, 0, 2]);
  const side = tf.transpose(tf.reshape(byColumn, [window[1], -1, channels]), [1, 0, 2]);
  const images = tf.reshape(side, [-1, rows * window[0], columns * window[1], channels]);
  return tf.reshape(addUp(images, windows, sizeOfImages(shape)), [...shape]);
}

/** `[images, H, W, C]` with every window copied out: `[images, H' · kh, W' · kw, C]`. */
function laySideBySide(x: tf.Tensor, windows: Windows, fill: number): tf.Tensor {
  const [count, height, width, channels] = x.shape as [number, number, number, number];
  const [rows, columns] = pixelsOf([height, width], windows);
  if (areFirst(rows, height) && areFirst(columns, width)) {
    const isWhole = rows.length === height && columns.length === width;
    return isWhole ? x : tf.slice(x, [0, 0, 0, 0], [count, rows.length, columns.length, channels]);
  }
  const padded = windows.padding === 'same' ? tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], fill) : x;
  const shift = windows.padding === 'same' ? 1 : 0;
  const pick = (from: tf.Tensor, places: readonly number[], axis: number) =>
    tf.gather(from, tf.tensor1d(places.map((place) => place + shift), 'int32'), axis);
  return pick(pick(padded, rows, 1), columns, 2);
}

/** The transpose of `laySideBySide`. */
function addUp(x: tf.Tensor, windows: Windows, [height, width]: Pair): tf.Tensor {
  const [count, sideHeight, sideWidth, channels] = x.shape as [number, number, number, number];
  const [rows, columns] = pixelsOf([height, width], windows);
  if (areFirst(rows, height) && areFirst(columns, width))
    return tf.pad(x, [[0, 0], [0, height - sideHeight], [0, width - sideWidth], [0, 0]]);
  const byRow = tf.matMul(ownersOf(rows, height), tf.reshape(x, [count, sideHeight, sideWidth * channels]), true);
  const byColumn = tf.matMul(ownersOf(columns, width), tf.reshape(byRow, [count * height, sideWidth, channels]), true);
  return tf.reshape(byColumn, [count, height, width, channels]);
}

/** The rows, and the columns, under the windows one after another; padding is −1 before the image, and its size after it. */
function pixelsOf(size: Pair, windows: Windows): readonly [number[], number[]] {
  const { window, strides, padding } = windows;
  const positions = outputSizes(size, window, windows);
  const along = (axis: 0 | 1) => {
    const before = paddingBefore(size[axis], window[axis], strides[axis], padding);
    const pixelAt = (index: number) => Math.floor(index / window[axis]) * strides[axis] + (index % window[axis]) - before;
    return Array.from({ length: positions[axis] * window[axis] }, (_, index) => Math.min(Math.max(pixelAt(index), -1), size[axis]));
  };
  return [along(0), along(1)];
}

/** A one-hot row for each pixel, empty for padding. */
function ownersOf(pixels: readonly number[], size: number): tf.Tensor {
  return tf.tensor2d(pixels.map((pixel) => Array.from({ length: size }, (_, each) => (each === pixel ? 1 : 0))));
}

/** Whether every pixel from the first on, none twice: the windows lie side by side already. */
function areFirst(pixels: readonly number[], size: number): boolean {
  return pixels.length <= size && pixels.every((pixel, index) => pixel === index);
}

function sizeOfImages(shape: Shape): Pair {
  return [shape.at(-3)!, shape.at(-2)!];
}
