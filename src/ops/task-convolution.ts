import * as tf from '@tensorflow/tfjs';
import { defineConvolution, padded } from './define-convolution';
import { frameImages, frameSlopes } from './frame-images';
import { unpadded, type ConvolutionOptions } from './window-steps';

/**
 * Convolution with a kernel per task: x `[T|1, n, H, W, C]` × kernel `[T|1, kh, kw, C, F]` → `[T, n, H', W', F]`. A
 * kernel that all tasks share runs as one ordinary convolution over all T · n images. Right to any order. The caller
 * disposes.
 *
 * @throws ShapeError if the two do not fit
 * @throws RangeError for a stride and a dilation at once
 */
export function taskConv2d(x: tf.Tensor, kernel: tf.Tensor, options: ConvolutionOptions = {}): tf.Tensor {
  return convolution(x, kernel, options);
}

const convolve = padded((...given) => tf.conv2d(...given));

const convolution = defineConvolution('taskConv2d', 'HypermetaTaskConv2d', {
  convolve,

  /** Slopes convolved with the kernel turned around. */
  toInput(dy, kernel, [height, width], steps) {
    const [rows, columns] = kernel.shape as [number, number];
    const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);
    return convolve(frameSlopes(dy, [height!, width!], [rows, columns], steps), turned, unpadded([1, 1], steps.dilations));
  },

  /** A convolution too: channels are its images and examples its channels, and stride and dilation change places. */
  toKernel(x, dy, [rows, columns], steps) {
    const images = tf.transpose(x, [3, 1, 2, 0]); // [C, H, W, n]
    const slopes = tf.transpose(dy, [1, 2, 0, 3]); // [H', W', n, F]
    const framed = frameImages(images, [dy.shape[1]!, dy.shape[2]!], [rows!, columns!], steps);
    return tf.transpose(convolve(framed, slopes, unpadded(steps.dilations, steps.strides)), [1, 2, 0, 3]);
  },
});
