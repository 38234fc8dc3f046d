import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf, ShapeError } from '../core/errors';
import { formatShape, type Shape } from '../core/shape';
import { defineKernel } from './kernels';
import { unstackTasks } from './unstack-tasks';

/** `'same'` keeps ⌈size / stride⌉ positions, padded with zeros as TensorFlow does; `'valid'` pads nothing. */
export type Padding = 'same' | 'valid';

export interface ConvolutionOptions {
  /** Distance between windows, both ways. @default 1 */
  readonly stride?: number;
  /** @default 'same' */
  readonly padding?: Padding;
}

/**
 * Convolution with a kernel per task: x `[T|1, n, H, W, C]` × kernel `[T|1, kh, kw, C, F]` → `[T, n, H', W', F]`. A
 * kernel that all tasks share runs as one ordinary convolution over all T · n images; the gradient of whatever is shared
 * sums over the tasks. Right to any order: the operation and its two gradients are linear in each of their arguments,
 * so that each one's gradients are the other two. The caller disposes.
 *
 * @throws ShapeError if the two do not fit
 */
export function taskConv2d(x: tf.Tensor, kernel: tf.Tensor, { stride = 1, padding = 'same' }: ConvolutionOptions = {}): tf.Tensor {
  expectCount('taskConv2d: stride', stride);
  expectOneOf('taskConv2d: padding', padding, ['same', 'valid']);
  expectFit(x.shape, kernel.shape, padding);
  return convolution({ x, kernel }, { stride, padding });
}

/** Number of positions of a window along an axis. */
export function outputSize(size: number, window: number, stride: number, padding: Padding): number {
  return padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - window) / stride) + 1;
}

const convolution = defineKernel(
  'HypermetaTaskConv2d',
  ['x', 'kernel'],
  ({ x, kernel }, attributes) => {
    const { stride, padding } = read(attributes);
    const convolve = (images: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);
    if (kernel!.shape[0] === 1) return splitTasks(convolve(mergeTasks(x!), mergeTasks(kernel!)), x!.shape);
    const images = unstackTasks(x!);
    return tf.stack(unstackTasks(kernel!).map((filter, task) => convolve(images[task] ?? images[0]!, filter)));
  },
  (dy, [x, kernel], attributes) => ({
    x: () => inputGradient({ dy, kernel: kernel! }, { ...attributes, shape: x!.shape }),
    kernel: () => kernelGradient({ x: x!, dy }, { ...attributes, shape: kernel!.shape }),
  }),
);

const inputGradient = defineKernel(
  'HypermetaTaskConv2dInputGradient',
  ['dy', 'kernel'],
  ({ dy, kernel }, attributes) => {
    const { shape, ...how } = read(attributes);
    const toInput = (gradient: tf.Tensor, filter: tf.Tensor) => convolveBack(gradient, filter, shape.slice(2), how);
    if (kernel!.shape[0] === 1) return splitTasks(toInput(mergeTasks(dy!), mergeTasks(kernel!)), dy!.shape);
    const gradients = unstackTasks(dy!);
    const perTask = unstackTasks(kernel!).map((filter, task) => toInput(gradients[task]!, filter));
    return shape[0] === 1 ? tf.expandDims(tf.addN(perTask), 0) : tf.stack(perTask);
  },
  (dd, [dy, kernel], attributes) => ({
    dy: () => convolution({ x: dd, kernel: kernel! }, steps(attributes)),
    kernel: () => kernelGradient({ x: dd, dy: dy! }, { ...attributes, shape: kernel!.shape }),
  }),
);

const kernelGradient = defineKernel(
  'HypermetaTaskConv2dKernelGradient',
  ['x', 'dy'],
  ({ x, dy }, attributes) => {
    const { shape, ...how } = read(attributes);
    const toKernel = (images: tf.Tensor, gradient: tf.Tensor) => correlate(images, gradient, shape.slice(1), how);
    if (shape[0] === 1) return tf.expandDims(toKernel(mergeTasks(x!), mergeTasks(dy!)), 0);
    const images = unstackTasks(x!);
    return tf.stack(unstackTasks(dy!).map((gradient, task) => toKernel(images[task] ?? images[0]!, gradient)));
  },
  (dd, [x, dy], attributes) => ({
    x: () => inputGradient({ dy: dy!, kernel: dd }, { ...attributes, shape: x!.shape }),
    dy: () => convolution({ x: x!, kernel: dd }, steps(attributes)),
  }),
);

interface Steps {
  readonly stride: number;
  readonly padding: Padding;
}

interface Attributes extends Steps {
  /** Of the input or kernel whose gradient is asked for. */
  readonly shape: number[];
}

function read(attributes: tf.NamedAttrMap): Attributes {
  return attributes as unknown as Attributes; // written by this file only
}

function steps({ stride, padding }: tf.NamedAttrMap): tf.NamedAttrMap {
  return { stride: stride!, padding: padding! };
}

/** `dy` spread by the stride, convolved with the kernel turned around: `[n, H', W', F]` → `[n, H, W, C]`. */
function convolveBack(dy: tf.Tensor, kernel: tf.Tensor, [height, width]: Shape, how: Steps): tf.Tensor {
  const [rows, columns] = kernel.shape as [number, number];
  const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
  const spread = spreadBy(spreadBy(dy, 1, how.stride), 2, how.stride);
  const framed = frame(spread, [margins(height!, rows, dy.shape[1]!, how), margins(width!, columns, dy.shape[2]!, how)]);
  return tf.conv2d(framed as tf.Tensor4D, turned, 1, 'valid');

  function margins(size: number, window: number, positions: number, { stride, padding }: Steps): Margins {
    const before = window - 1 - paddingBefore(size, window, stride, padding);
    return [before, size + window - 1 - positions * stride - before];
  }
}

/** The kernel's gradient is a convolution too: channels are its images and examples its channels. */
function correlate(x: tf.Tensor, dy: tf.Tensor, [rows, columns]: Shape, { stride, padding }: Steps): tf.Tensor {
  const images = tf.transpose(x, [3, 1, 2, 0]); // [C, H, W, n]
  const filter = tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D; // [H', W', n, F]
  const framed = frame(images, [margins(x.shape[1]!, rows!, dy.shape[1]!), margins(x.shape[2]!, columns!, dy.shape[2]!)]);
  return tf.transpose(tf.conv2d(framed as tf.Tensor4D, filter, 1, 'valid', 'NHWC', stride), [1, 2, 0, 3]);

  function margins(size: number, window: number, positions: number): Margins {
    const before = paddingBefore(size, window, stride, padding);
    return [before, (positions - 1) * stride + window - size - before];
  }
}

/** Rows before and after; negative where rows are cut off. */
type Margins = readonly [number, number];

/** Zeros around images, or less of them. */
function frame(images: tf.Tensor, [vertical, horizontal]: readonly [Margins, Margins]): tf.Tensor {
  const [count, height, width, channels] = images.shape as [number, number, number, number];
  const kept = [count, height + Math.min(vertical[1], 0), width + Math.min(horizontal[1], 0), channels];
  const cut = kept[1] === height && kept[2] === width ? images : tf.slice(images, [0, 0, 0, 0], kept);
  const added = [vertical, horizontal].map(([before, after]) => [before, Math.max(after, 0)] as [number, number]);
  return tf.pad(cut, [[0, 0], ...added, [0, 0]]);
}

/** Zeros after each position along an axis, so that positions are `stride` apart. */
function spreadBy(x: tf.Tensor, axis: number, stride: number): tf.Tensor {
  if (stride === 1) return x;
  const after = x.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const shape = x.shape.map((size, position) => (position === axis ? size * stride : size));
  return tf.reshape(tf.pad(tf.reshape(x, [-1, after]), [[0, 0], [0, (stride - 1) * after]]), shape);
}

function paddingBefore(size: number, window: number, stride: number, padding: Padding): number {
  if (padding === 'valid') return 0;
  const total = (Math.ceil(size / stride) - 1) * stride + window - size;
  return Math.floor(Math.max(total, 0) / 2);
}

function mergeTasks(x: tf.Tensor): tf.Tensor {
  const [tasks, n, ...rest] = x.shape as [number, number, ...number[]];
  return tf.reshape(x, [tasks * n, ...rest]);
}

function splitTasks(merged: tf.Tensor, [tasks, n]: Shape): tf.Tensor {
  return tf.reshape(merged, [tasks!, n!, ...merged.shape.slice(1)]);
}

function expectFit(x: Shape, kernel: Shape, padding: Padding): void {
  const tasksFit = x[0] === kernel[0] || x[0] === 1 || kernel[0] === 1;
  const windowFits = padding === 'same' || (x[2]! >= kernel[1]! && x[3]! >= kernel[2]!);
  if (x.length !== 5 || kernel.length !== 5 || x[4] !== kernel[3] || !tasksFit || !windowFits)
    throw new ShapeError(
      `taskConv2d: expected images [T, n, H, W, C] and kernel [T, kh, kw, C, F] no larger than they, ` +
        `got ${formatShape(x)} and ${formatShape(kernel)}.`,
    );
}
