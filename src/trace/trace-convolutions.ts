import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import type { GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import { activate } from './trace-reductions';
import type { TraceKernels } from './trace-kernels';
import { geometryFrom, type Geometry } from '../graph/windows';

/**
 * Convolutions as nodes on rows, `[T, pixels, channels]`: `Convolve` (rows, kernel), `ConvolveInputGradient` (dy, kernel)
 * and `ConvolveKernelGradient` (rows, dy), kernels `[T, taps · C, F]`. Attributes: the geometry, and `images` a task.
 * `expand-convolutions` makes products of matrices of them.
 */
export const convolutionKernels: TraceKernels = {
  ...linearKernels({ own: 'HypermetaTaskConv2d', tfjs: 'Conv2D' }, { convolve, inputGradient, kernelGradient }),
  FusedConv2D({ x, filter, bias, preluActivationWeights }, attributes, ops) {
    const geometry = geometryOf(x!.shape, filter!.shape, attributes);
    const convolved = withoutTask(convolve(oneTask(x!, ops), oneTask(filter!, ops), geometry, ops), ops);
    return activate(bias ? ops.binary('Add', convolved, bias) : convolved, attributes, preluActivationWeights, ops);
  },
};

/** A convolution of tasks and its two gradients, as nodes: those of `defineConvolution`, on tensors `[T|1, …]`. */
interface TracedConvolution {
  convolve(x: GraphNode, kernel: GraphNode, geometry: Geometry, ops: GraphOps): GraphNode;
  inputGradient(dy: GraphNode, kernel: GraphNode, shape: readonly number[], geometry: Geometry, ops: GraphOps): GraphNode;
  kernelGradient(x: GraphNode, dy: GraphNode, shape: readonly number[], geometry: Geometry, ops: GraphOps): GraphNode;
}

/** What is traced of our own three kernels, and of the three of tfjs, on images without a task axis. */
export function linearKernels(names: { readonly own: string; readonly tfjs: string }, { convolve, inputGradient, kernelGradient }: TracedConvolution): TraceKernels {
  return {
    [names.own]: ({ x, kernel }, attributes, ops) => convolve(x!, kernel!, taskGeometry(x!.shape, kernel!.shape, attributes), ops),
    [`${names.own}InputGradient`]({ dy, kernel }, attributes, ops) {
      const shape = attributes['shape'] as number[];
      return inputGradient(dy!, kernel!, shape, taskGeometry(shape, kernel!.shape, attributes), ops);
    },
    [`${names.own}KernelGradient`]({ x, dy }, attributes, ops) {
      const shape = attributes['shape'] as number[];
      return kernelGradient(x!, dy!, shape, taskGeometry(x!.shape, shape, attributes), ops);
    },
    [names.tfjs]({ x, filter }, attributes, ops) {
      const geometry = geometryOf(x!.shape, filter!.shape, attributes);
      return withoutTask(convolve(oneTask(x!, ops), oneTask(filter!, ops), geometry, ops), ops);
    },
    [`${names.tfjs}BackpropInput`]({ dy, filter }, attributes, ops) {
      const shape = attributes['inputShape'] as number[];
      const geometry = geometryOf(shape, filter!.shape, attributes);
      return withoutTask(inputGradient(oneTask(dy!, ops), oneTask(filter!, ops), [1, ...shape], geometry, ops), ops);
    },
    [`${names.tfjs}BackpropFilter`]({ x, dy }, attributes, ops) {
      const shape = attributes['filterShape'] as number[];
      const geometry = geometryOf(x!.shape, shape, attributes);
      return withoutTask(kernelGradient(oneTask(x!, ops), oneTask(dy!, ops), [1, ...shape], geometry, ops), ops);
    },
  };
}

/** x `[T, n, H, W, C]`, kernel `[T, kh, kw, C, F]`; a kernel that tasks share sees their images as one task's. */
function convolve(x: GraphNode, kernel: GraphNode, geometry: Geometry, ops: GraphOps): GraphNode {
  const tasks = Math.max(x.shape[0]!, kernel.shape[0]!);
  const sees = kernel.shape[0] === 1 ? 1 : x.shape[0]!;
  const [rows, images] = toRows(x, sees, ops);
  const filters = kernel.shape[4]!;
  const [height, width] = geometry.positions;
  const shape = [kernel.shape[0] === 1 ? 1 : tasks, images * height * width, filters];
  const made = ops.node('Convolve', [rows, flatKernel(kernel, ops)], { ...geometry, images }, shape);
  return ops.reshape(made, [tasks, x.shape[1]!, height, width, filters]);
}

/** dy `[T, n, H', W', F]` → x's gradient, of the given shape; summed over the tasks that share x. */
function inputGradient(dy: GraphNode, kernel: GraphNode, shape: readonly number[], geometry: Geometry, ops: GraphOps): GraphNode {
  const sees = kernel.shape[0] === 1 ? 1 : dy.shape[0]!;
  const [rows, images] = toRows(dy, sees, ops);
  const [height, width] = geometry.size;
  const channels = shape[4]!;
  const made = ops.node('ConvolveInputGradient', [rows, flatKernel(kernel, ops)], { ...geometry, images }, [sees, images * height * width, channels]);
  const perTask = ops.reshape(made, [dy.shape[0]!, ...shape.slice(1)]);
  return shape[0] === dy.shape[0] ? perTask : ops.reduce('Sum', perTask, [0], true);
}

function kernelGradient(x: GraphNode, dy: GraphNode, shape: readonly number[], geometry: Geometry, ops: GraphOps): GraphNode {
  const shared = shape[0] === 1;
  const [rows, images] = toRows(x, shared ? 1 : x.shape[0]!, ops);
  const [slopes] = toRows(dy, shared ? 1 : dy.shape[0]!, ops);
  const [, height, width, channels, filters] = shape as [number, number, number, number, number];
  const made = ops.node('ConvolveKernelGradient', [rows, slopes], { ...geometry, images }, [shape[0]!, height * width * channels, filters]);
  return ops.reshape(made, shape);
}

/** `[T, n, H, W, C]` → rows `[tasks, pixels, C]`, and the number of images of each. */
function toRows(x: GraphNode, tasks: number, ops: GraphOps): readonly [GraphNode, number] {
  const [given, n, height, width, channels] = x.shape as [number, number, number, number, number];
  const images = (given * n) / tasks;
  return [ops.reshape(x, [tasks, images * height * width, channels]), images];
}

function flatKernel(kernel: GraphNode, ops: GraphOps): GraphNode {
  const [tasks, height, width, channels, filters] = kernel.shape as [number, number, number, number, number];
  return ops.reshape(kernel, [tasks, height * width * channels, filters]);
}

function oneTask(x: GraphNode, ops: GraphOps): GraphNode {
  return ops.reshape(x, [1, ...x.shape]);
}

function withoutTask(x: GraphNode, ops: GraphOps): GraphNode {
  return ops.reshape(x, x.shape.slice(1));
}

function taskGeometry(x: readonly number[], kernel: readonly number[], { strides, padding, dilations }: Readonly<Record<string, unknown>>): Geometry {
  return geometryOf(x.slice(1), kernel.slice(1), { strides, pad: padding, dilations });
}

/** Of images `[n, H, W, C]` and a kernel `[kh, kw, C, F]`. */
export function geometryOf(
  x: readonly number[],
  kernel: readonly number[],
  { strides, pad, dataFormat = 'NHWC', dilations = 1, dimRoundingMode }: Readonly<Record<string, unknown>>,
): Geometry {
  if (dataFormat !== 'NHWC') throw new EngineError(`compile: expected images in NHWC order, got ${dataFormat as string}; transpose them.`);
  return geometryFrom(tf.backend_util.computeConv2DInfo(
    [...x] as [number, number, number, number],
    [...kernel] as [number, number, number, number],
    strides as number,
    dilations as number,
    pad as 'same',
    dimRoundingMode as 'floor' | undefined,
  ));
}
