import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import type { Pair } from '../core/pair';
import { formatShape, type Shape } from '../core/shape';
import { defineKernel } from './kernels';
import { unstackTasks } from './unstack-tasks';
import { paddingsOf, readSteps, spansOf, type ConvolutionOptions, type Steps } from './window-steps';

/** A kind of convolution, on one task's images `[n, H, W, …]` and kernel: linear in both. Within a tidy, without gradients. */
export interface ConvolutionKind {
  convolve(x: tf.Tensor, kernel: tf.Tensor, steps: Steps): tf.Tensor;
  /** The gradient of images of this shape `[H, W, C]`. */
  toInput(dy: tf.Tensor, kernel: tf.Tensor, shape: Shape, steps: Steps): tf.Tensor;
  /** The gradient of a kernel of this shape. */
  toKernel(x: tf.Tensor, dy: tf.Tensor, shape: Shape, steps: Steps): tf.Tensor;
}

/**
 * A convolution of tasks, named `where` in errors: images `[T|1, n, H, W, C]` with kernels `[T|1, kh, kw, …]`, as three kernels of tfjs: `kernelName`,
 * with `InputGradient` and `KernelGradient` after it. A kernel that all tasks share sees their images as one task's; the
 * gradient of whatever is shared sums over the tasks. Right to any order: each of the three is linear in each of its
 * arguments, so that its gradients are the other two.
 */
export function defineConvolution(
  where: string,
  kernelName: string,
  { convolve, toInput, toKernel }: ConvolutionKind,
): (x: tf.Tensor, kernel: tf.Tensor, options: ConvolutionOptions) => tf.Tensor {
  const convolution = defineKernel(
    kernelName,
    ['x', 'kernel'],
    ({ x, kernel }, attributes) => {
      const { steps } = read(attributes);
      if (kernel!.shape[0] === 1) return splitTasks(convolve(mergeTasks(x!), mergeTasks(kernel!), steps), x!.shape);
      const images = unstackTasks(x!);
      return tf.stack(unstackTasks(kernel!).map((own, task) => convolve(images[task] ?? images[0]!, own, steps)));
    },
    (dy, [x, kernel], attributes) => ({
      x: () => inputGradient({ dy, kernel: kernel! }, { ...attributes, shape: x!.shape }),
      kernel: () => kernelGradient({ x: x!, dy }, { ...attributes, shape: kernel!.shape }),
    }),
  );

  const inputGradient = defineKernel(
    `${kernelName}InputGradient`,
    ['dy', 'kernel'],
    ({ dy, kernel }, attributes) => {
      const { shape, steps } = read(attributes);
      const toOne = (slopes: tf.Tensor, own: tf.Tensor) => toInput(slopes, own, shape.slice(2), steps);
      if (kernel!.shape[0] === 1) return splitTasks(toOne(mergeTasks(dy!), mergeTasks(kernel!)), dy!.shape);
      const slopes = unstackTasks(dy!);
      const perTask = unstackTasks(kernel!).map((own, task) => toOne(slopes[task]!, own));
      return shape[0] === 1 ? tf.expandDims(tf.addN(perTask), 0) : tf.stack(perTask);
    },
    (dd, [dy, kernel], attributes) => ({
      dy: () => convolution({ x: dd, kernel: kernel! }, attributes),
      kernel: () => kernelGradient({ x: dd, dy: dy! }, { ...attributes, shape: kernel!.shape }),
    }),
  );

  const kernelGradient = defineKernel(
    `${kernelName}KernelGradient`,
    ['x', 'dy'],
    ({ x, dy }, attributes) => {
      const { shape, steps } = read(attributes);
      const toOne = (images: tf.Tensor, slopes: tf.Tensor) => toKernel(images, slopes, shape.slice(1), steps);
      if (shape[0] === 1) return tf.expandDims(toOne(mergeTasks(x!), mergeTasks(dy!)), 0);
      const images = unstackTasks(x!);
      return tf.stack(unstackTasks(dy!).map((slopes, task) => toOne(images[task] ?? images[0]!, slopes)));
    },
    (dd, [x, dy], attributes) => ({
      x: () => inputGradient({ dy: dy!, kernel: dd }, { ...attributes, shape: x!.shape }),
      dy: () => convolution({ x: x!, kernel: dd }, attributes),
    }),
  );

  return (x, kernel, options) => {
    const steps = readSteps(where, options);
    expectConvolvable(where, x.shape, kernel.shape, steps);
    const { strides, padding, dilations } = steps;
    return convolution({ x, kernel }, { strides: [...strides], padding, dilations: [...dilations] });
  };
}

type TfConvolution = (
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  strides: [number, number],
  padding: ReturnType<typeof paddingsOf>,
  dataFormat: 'NHWC',
  dilations: [number, number],
) => tf.Tensor;

/** A convolution of tfjs, with paddings in numbers: `paddingsOf` says why. */
export function padded(convolution: TfConvolution): ConvolutionKind['convolve'] {
  return (x, kernel, steps) => {
    const [size, window] = [x.shape.slice(1, 3), kernel.shape.slice(0, 2)] as unknown as [Pair, Pair];
    const { strides, dilations } = steps;
    return convolution(x as tf.Tensor4D, kernel as tf.Tensor4D, [...strides], paddingsOf(size, window, steps), 'NHWC', [...dilations]);
  };
}

/** @throws ShapeError unless images and kernel are of rank 5, of as many channels and tasks, and a window fits in */
function expectConvolvable(where: string, x: Shape, kernel: Shape, steps: Steps): void {
  const tasksFit = x[0] === kernel[0] || x[0] === 1 || kernel[0] === 1;
  const spans = spansOf([kernel[1]!, kernel[2]!], steps);
  const windowFits = steps.padding === 'same' || (x[2]! >= spans[0] && x[3]! >= spans[1]);
  if (x.length !== 5 || kernel.length !== 5 || x[4] !== kernel[3] || !tasksFit || !windowFits)
    throw new ShapeError(
      `${where}: expected images [T, n, H, W, C] and kernel [T, kh, kw, C, F] no larger than they, ` +
        `got ${formatShape(x)} and ${formatShape(kernel)}.`,
    );
}

/** The shape is that of the input or kernel whose gradient is asked for. */
function read({ shape, ...steps }: tf.NamedAttrMap): { readonly shape: number[]; readonly steps: Steps } {
  return { shape: shape as number[], steps: steps as unknown as Steps }; // written by this file only
}

/** Images `[T, n, H, W, C]` of all tasks as one task's `[T · n, H, W, C]`. */
export function mergeTasks(x: tf.Tensor): tf.Tensor4D {
  const [tasks, n, ...rest] = x.shape as [number, number, number, number, number];
  return tf.reshape(x, [tasks * n, ...rest]);
}

/** The inverse, given the shape there was: its first two axes count. */
export function splitTasks(merged: tf.Tensor, [tasks, n]: Shape): tf.Tensor {
  return tf.reshape(merged, [tasks!, n!, ...merged.shape.slice(1)]);
}
