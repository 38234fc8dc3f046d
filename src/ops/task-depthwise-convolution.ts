import * as tf from '@tensorflow/tfjs';
import { defineConvolution, padded } from './define-convolution';
import { frameImages, frameSlopes } from './frame-images';
import { unpadded, type ConvolutionOptions } from './window-steps';

/**
 * Convolution of each channel by itself, with M windows: x `[T|1, n, H, W, C]` × kernel `[T|1, kh, kw, C, M]` →
 * `[T, n, H', W', C · M]`, the M results of a channel side by side. Shared and right to any order as `taskConv2d`. The
 * caller disposes.
 *
 * @throws ShapeError if the two do not fit
 * @throws RangeError for a stride and a dilation at once
 */
export function taskDepthwiseConv2d(x: tf.Tensor, kernel: tf.Tensor, options: ConvolutionOptions = {}): tf.Tensor {
  return convolution(x, kernel, options);
}

const convolve = padded((...given) => tf.depthwiseConv2d(...given));

const convolution = defineConvolution('taskDepthwiseConv2d', 'HypermetaTaskDepthwiseConv2d', {
  convolve,

  /** Each result's slopes by themselves with its window turned around, summed over the results of a channel. */
  toInput(dy, kernel, [height, width], steps) {
    const [rows, columns, channels, multiplier] = kernel.shape as [number, number, number, number];
    const turned = tf.reshape(tf.reverse(kernel, [0, 1]), [rows, columns, channels * multiplier, 1]);
    const framed = frameSlopes(dy, [height!, width!], [rows, columns], steps);
    const perResult = convolve(framed, turned, unpadded([1, 1], steps.dilations));
    return tf.sum(tf.reshape(perResult, [-1, height!, width!, channels, multiplier]), -1);
  },

  /** Each channel of each example by itself, its slopes as the window; stride and dilation change places. */
  toKernel(x, dy, [rows, columns, channels, multiplier], steps) {
    const [n, height, width] = x.shape as [number, number, number];
    const [, ...positions] = dy.shape.slice(0, 3) as [number, number, number];
    const images = tf.reshape(tf.transpose(x, [1, 2, 0, 3]), [1, height, width, n * channels!]);
    const slopes = tf.reshape(tf.transpose(dy, [1, 2, 0, 3]), [...positions, n * channels!, multiplier!]);
    const framed = frameImages(images, positions, [rows!, columns!], steps);
    const perExample = convolve(framed, slopes, unpadded(steps.dilations, steps.strides));
    return tf.sum(tf.reshape(perExample, [rows!, columns!, n, channels!, multiplier!]), 2);
  },
});
