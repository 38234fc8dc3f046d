import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { constantInit, normalInit } from '../core/initializers';
import type { Network, Pass } from '../core/network';
import { type Params, type ParamSpecs } from '../core/params';
import { expectShape, type Shape } from '../core/shape';
import { taskMatMul } from '../ops/task-mat-mul';
import { activation as activationLayer, type ActivationName } from './activation';
import { conv2d } from './conv2d';
import { addBias } from './feature-rows';
import { graph, type GraphPart } from './graph';
import type { Layer } from './layer';
import { layerNorm } from './layer-norm';

/** A network that finds boxes on a grid, in two parts: features of every cell, and a linear head that tells classes. */
export interface Detector extends Network {
  /** Pixels of a cell, each way. */
  readonly stride: number;
  /** Features of a cell. */
  readonly featureSize: number;
  /** Names of the head's kernel `[featureSize, classes]` and bias `[classes]`. */
  readonly classHead: { readonly kernel: string; readonly bias: string };
  /** What the head sees: `[T, n, rows, columns, featureSize]`. */
  features(params: Params, x: tf.Tensor, pass?: Pass): tf.Tensor;
}

export interface GridDetectorOptions {
  /** Height, width and channels of an image. */
  readonly inputShape: Shape;
  /** Classes that are told apart. @default 1 */
  readonly classes?: number;
  /** Filters of the convolutions by steps of 2: two make cells of 4 × 4 pixels. @default [24, 48] */
  readonly strided?: readonly number[];
  /** Filters of the convolutions on the grid. @default [48, 56, 64] */
  readonly deep?: readonly number[];
  /** Distances between the pixels that those look at. @default 1, 2, 2, … */
  readonly dilations?: readonly number[];
  /** After each convolution. @default layerNorm() */
  readonly norm?: () => Layer;
  /** After each norm. @default 'relu' */
  readonly activation?: ActivationName;
}

/**
 * A small detector without anchors: strided convolutions down to a grid, more on the grid, then for each cell a logit for each class
 * and one box: where its centre lies right and down of the cell's own and the logarithms of its size, all in strides:
 * `[T, n, rows, columns, classes + 4]`. Boxes are the same for all classes. The features that the class head sees have length
 * √featureSize, so that its kernel compares directions. No weight depends on the size of the images.
 *
 * Sources: Zhou et al., "Objects as Points", 2019 (arXiv 1904.07850); Tian et al., "FCOS", 2019 (arXiv 1904.01355). The bias
 * starts at a score of 0.01: Lin et al., "Focal Loss", 2017 (arXiv 1708.02002), section 4.1.
 *
 * @example
 * gridDetector({ inputShape: [64, 64, 1] }).outputShape // [16, 16, 5]
 */
export function gridDetector(options: GridDetectorOptions): Detector {
  const { inputShape, classes = 1, strided = [24, 48], deep = [48, 56, 64], norm = () => layerNorm(), activation = 'relu' } = options;
  const { dilations = deep.map((_, index) => (index === 0 ? 1 : 2)) } = options;
  expectCount('gridDetector: classes', classes);
  expectCount('gridDetector: deep: number of layers', deep.length);
  const featureSize = deep.at(-1)!;
  const block = (name: string, convolution: Layer): readonly GraphPart[] => [
    { name, layer: convolution },
    { name: `${name}Norm`, layer: norm() },
    { name: `${name}Active`, layer: activationLayer(activation) },
  ];
  const body = graph(
    inputShape,
    [
      ...strided.flatMap((filters, index) => block(`strided${index + 1}`, conv2d(filters, 3, { stride: 2 }))),
      ...deep.flatMap((filters, index) => block(`deep${index + 1}`, conv2d(filters, 3, { dilation: dilations[index] ?? 1 }))),
      { name: 'seen', layer: activationLayer('linear') },
      { name: 'class', layer: conv2d(featureSize, 1) },
      { name: 'classNorm', layer: layerNorm() },
      { name: 'box', layer: conv2d(featureSize, 1), from: 'seen' },
      { name: 'boxActive', layer: activationLayer(activation) },
      { name: 'place', layer: conv2d(4, 1, { init: (fanIn) => normalInit(Math.sqrt(1 / fanIn)) }) },
      { name: 'both', join: 'concat', from: ['classNorm', 'place'] },
    ],
    { name: 'gridDetector' },
  );
  const classHead = { kernel: 'head/kernel', bias: 'head/bias' };
  const headSpecs: ParamSpecs = {
    [classHead.kernel]: { shape: [featureSize, classes], role: 'kernel', fanIn: featureSize, init: normalInit(0.01) },
    [classHead.bias]: { shape: [classes], role: 'bias', fanIn: featureSize, init: constantInit(-Math.log(99)) },
  };
  const [rows, columns] = body.outputShape as [number, number];
  const split = (params: Params, x: tf.Tensor, pass?: Pass) => {
    expectShape('gridDetector', x, [null, null, ...inputShape]);
    return tf.split(body.apply(params, x, pass), [featureSize, 4], -1) as [tf.Tensor, tf.Tensor];
  };
  return {
    specs: { ...body.specs, ...headSpecs },
    inputShape,
    outputShape: [rows, columns, classes + 4],
    stride: 2 ** strided.length,
    featureSize,
    classHead,
    features: (params, x, pass) => tf.tidy(() => split(params, x, pass)[0]),
    apply: (params, x, pass) =>
      tf.tidy(() => {
        const [features, place] = split(params, x, pass);
        return joinTasks(classify(features, params[classHead.kernel]!, params[classHead.bias]!), place);
      }),
    ...(body.observe ? { observe: body.observe } : {}),
  };
}

/** Features `[T|1, n, rows, columns, F]` → logits `[T, n, rows, columns, classes]`. */
function classify(features: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [tasks, n, rows, columns, size] = features.shape as [number, number, number, number, number];
  const logits = addBias(taskMatMul(tf.reshape(features, [tasks, n * rows * columns, size]), kernel), bias);
  return tf.reshape(logits, [logits.shape[0], n, rows, columns, logits.shape[2]!]);
}

/** Side by side along the last axis; places that all tasks share are copied. */
function joinTasks(logits: tf.Tensor, place: tf.Tensor): tf.Tensor {
  const tasks = Math.max(logits.shape[0], place.shape[0]);
  const forAll = (value: tf.Tensor) => (value.shape[0] === tasks ? value : tf.tile(value, [tasks, 1, 1, 1, 1]));
  return tf.concat([forAll(logits), forAll(place)], -1);
}
