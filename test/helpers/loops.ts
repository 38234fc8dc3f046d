import type * as tf from '@tensorflow/tfjs';
import type { Pair } from '../../src/core/pair';

/** Where the windows on an image lie. */
export interface Placement {
  readonly image: Pair;
  readonly window: Pair;
  readonly stride?: Pair;
  readonly padding?: 'same' | 'valid';
  readonly dilation?: Pair;
}

/** That a window sees a pixel; all three counted row by row. */
export interface Sight {
  readonly position: number;
  readonly place: number;
  readonly pixel: number;
}

/** As TensorFlow defines it: https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2 */
export function sights({ image, window, stride = [1, 1], padding = 'same', dilation = [1, 1] }: Placement): {
  readonly positions: Pair;
  readonly all: readonly Sight[];
} {
  const span = (axis: 0 | 1) => (window[axis] - 1) * dilation[axis] + 1;
  const count = (axis: 0 | 1) => Math.ceil((padding === 'same' ? image[axis] : image[axis] - span(axis) + 1) / stride[axis]);
  const padded = (axis: 0 | 1) => (padding === 'same' ? Math.max((count(axis) - 1) * stride[axis] + span(axis) - image[axis], 0) : 0);
  const before: Pair = [Math.floor(padded(0) / 2), Math.floor(padded(1) / 2)];
  const positions: Pair = [count(0), count(1)];
  const all: Sight[] = [];
  for (let row = 0; row < positions[0]; row++)
    for (let column = 0; column < positions[1]; column++)
      for (let placeRow = 0; placeRow < window[0]; placeRow++)
        for (let placeColumn = 0; placeColumn < window[1]; placeColumn++) {
          const y = row * stride[0] + placeRow * dilation[0] - before[0];
          const x = column * stride[1] + placeColumn * dilation[1] - before[1];
          if (y < 0 || y >= image[0] || x < 0 || x >= image[1]) continue;
          all.push({ position: row * positions[1] + column, place: placeRow * window[1] + placeColumn, pixel: y * image[1] + x });
        }
  return { positions, all };
}

export type ConvolutionKind = 'dense' | 'depthwise';

/**
 * A convolution of tasks, and the gradients of its sum weighted with `dy`, by plain loops in double precision: each result is a
 * sum of products of a value of x and one of the kernel.
 */
export function convolveByLoops(
  kind: ConvolutionKind,
  { x, kernel, dy }: { readonly x: tf.Tensor; readonly kernel: tf.Tensor; readonly dy: tf.Tensor },
  placement: Placement,
): { readonly y: readonly number[]; readonly toX: readonly number[]; readonly toKernel: readonly number[] } {
  const [images, kernels] = [x.shape[0], kernel.shape[0]];
  const [n, height, width, channels] = x.shape.slice(1) as [number, number, number, number];
  const filters = kernel.shape[4]!;
  const { positions, all } = sights(placement);
  const [values, weights, slopes] = [x.dataSync(), kernel.dataSync(), dy.dataSync()];
  const [pixels, places, spots] = [height * width, placement.window[0] * placement.window[1], positions[0] * positions[1]];
  const results = kind === 'dense' ? filters : channels * filters;
  const y = new Array<number>(Math.max(images, kernels) * n * spots * results).fill(0);
  const toX = new Array<number>(values.length).fill(0);
  const toKernel = new Array<number>(weights.length).fill(0);
  for (let task = 0; task < Math.max(images, kernels); task++)
    for (let example = 0; example < n; example++)
      for (const { position, place, pixel } of all)
        for (let channel = 0; channel < channels; channel++)
          for (let filter = 0; filter < filters; filter++) {
            const seen = (((images > 1 ? task : 0) * n + example) * pixels + pixel) * channels + channel;
            const weight = (((kernels > 1 ? task : 0) * places + place) * channels + channel) * filters + filter;
            const result = kind === 'dense' ? filter : channel * filters + filter;
            const made = ((task * n + example) * spots + position) * results + result;
            y[made]! += values[seen]! * weights[weight]!;
            toX[seen]! += slopes[made]! * weights[weight]!;
            toKernel[weight]! += slopes[made]! * values[seen]!;
          }
  return { y, toX, toKernel };
}

export interface Pooled {
  readonly y: readonly number[];
  /** The gradient of their sum weighted with dy. */
  readonly toX: readonly number[];
}

/** Of each window the largest value, the first of equal ones, and the mean over the pixels that it holds: x `[T, n, H, W, C]` → `[T, n, H', W', C]`. */
export function poolByLoops(x: tf.Tensor, dy: tf.Tensor, placement: Placement): { readonly largest: Pooled; readonly mean: Pooled } {
  const [tasks, n, height, width, channels] = x.shape as [number, number, number, number, number];
  const { positions, all } = sights(placement);
  const spots = positions[0] * positions[1];
  const [values, slopes] = [x.dataSync(), dy.dataSync()];
  const held: number[][] = Array.from({ length: tasks * n * spots * channels }, () => []);
  for (let image = 0; image < tasks * n; image++)
    for (const { position, pixel } of all)
      for (let channel = 0; channel < channels; channel++)
        held[(image * spots + position) * channels + channel]!.push((image * height * width + pixel) * channels + channel);
  const largest = { y: [] as number[], toX: Array.from(values, () => 0) };
  const mean = { y: [] as number[], toX: Array.from(values, () => 0) };
  for (const [made, seen] of held.entries()) {
    const winner = seen.reduce((best, each) => (values[each]! > values[best]! ? each : best));
    largest.y.push(values[winner]!);
    largest.toX[winner]! += slopes[made]!;
    mean.y.push(seen.reduce((sum, each) => sum + values[each]!, 0) / seen.length);
    for (const each of seen) mean.toX[each]! += slopes[made]! / seen.length;
  }
  return { largest, mean };
}
