import { expectOneOf } from '../core/errors';
import { expectPair, type Pair } from '../core/pair';

/** `'same'` keeps ⌈size / stride⌉ positions, padded with zeros as TensorFlow does; `'valid'` pads nothing. */
export type Padding = 'same' | 'valid';

export interface ConvolutionOptions {
  /** Distance between windows; a pair where it differs down and across. @default 1 */
  readonly stride?: number | Pair;
  /** @default 'same' */
  readonly padding?: Padding;
  /** Distance between the pixels of one window. Not together with a stride. @default 1 */
  readonly dilation?: number | Pair;
}

/** Where the windows of a convolution lie, whatever their size. */
export interface Steps {
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilations: Pair;
}

/** @throws RangeError for what is no count, and for a stride and a dilation at once, which TensorFlow has no kernel for */
export function readSteps(where: string, { stride = 1, padding = 'same', dilation = 1 }: ConvolutionOptions): Steps {
  const strides = expectPair(`${where}: stride`, stride);
  const dilations = expectPair(`${where}: dilation`, dilation);
  expectOneOf(`${where}: padding`, padding, ['same', 'valid']);
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1)
    throw new RangeError(`${where}: expected a stride or a dilation of 1, got ${strides.join(' × ')} and ${dilations.join(' × ')}.`);
  return { strides, padding, dilations };
}

/** Windows that never look past the image. */
export function unpadded(strides: Pair, dilations: Pair): Steps {
  return { strides, padding: 'valid', dilations };
}

/** Pixels from the first to the last of a window, both ways. */
export function spansOf(window: Pair, { dilations }: Pick<Steps, 'dilations'>): Pair {
  return [(window[0] - 1) * dilations[0] + 1, (window[1] - 1) * dilations[1] + 1];
}

/** Number of positions of a window both ways. */
export function outputSizes(size: Pair, window: Pair, steps: Steps): Pair {
  const spans = spansOf(window, steps);
  const along = (axis: 0 | 1) => {
    const stride = steps.strides[axis];
    return steps.padding === 'same' ? Math.ceil(size[axis] / stride) : Math.floor((size[axis] - spans[axis]) / stride) + 1;
  };
  return [along(0), along(1)];
}

/** Rows or columns of padding before the first, which has the smaller half. */
export function paddingBefore(size: number, span: number, stride: number, padding: Padding): number {
  return padding === 'same' ? Math.floor(paddingAlong(size, span, stride) / 2) : 0;
}

/** What `'same'` pads along an axis: nothing where the last window ends before the image does. */
function paddingAlong(size: number, span: number, stride: number): number {
  return Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
}

/**
 * The padding of images `[n, H, W, C]` in numbers, as tfjs takes it. Its own `'same'` is silently wrong on wasm where the
 * last window ends before the image does: a window of 1 by steps of 2 on an image of 4.
 */
export function paddingsOf([height, width]: Pair, window: Pair, steps: Steps): [[0, 0], [number, number], [number, number], [0, 0]] {
  if (steps.padding === 'valid') return [[0, 0], [0, 0], [0, 0], [0, 0]];
  const spans = spansOf(window, steps);
  const along = (size: number, axis: 0 | 1): [number, number] => {
    const total = paddingAlong(size, spans[axis], steps.strides[axis]);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  };
  return [[0, 0], along(height, 0), along(width, 1), [0, 0]];
}
