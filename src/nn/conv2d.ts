import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { constantInit, heInit } from '../core/initializers';
import type { Initializer, ParamSpecs } from '../core/params';
import { withoutTaskAxis } from '../core/standard-layer';
import { outputSize, taskConv2d, type ConvolutionOptions } from '../ops/task-convolution';
import { addBias } from './feature-rows';
import type { Layer } from './layer';
import { expectImage } from './pooling';

export interface Conv2dOptions extends ConvolutionOptions {
  /** `'none'` leaves it out: before batch norm it would do nothing. @default 'learned' */
  readonly bias?: 'learned' | 'none';
  /** How the kernel starts. @default heInit */
  readonly init?: (fanIn: number) => Initializer;
}

/** Convolution with square kernels: `[T, n, H, W, C]` → `[T, n, H', W', filters]`. */
export function conv2d(filters: number, kernelSize = 3, options: Conv2dOptions = {}): Layer {
  const { stride = 1, padding = 'same', bias: biasOption = 'learned', init = heInit } = options;
  expectCount('conv2d: filters', filters);
  expectCount('conv2d: kernelSize', kernelSize);
  return {
    name: 'conv',
    build(inputShape) {
      const [height, width, channels] = expectImage('conv2d', inputShape, padding === 'valid' ? kernelSize : 1);
      const fanIn = kernelSize * kernelSize * channels;
      const kernelSpecs: ParamSpecs = {
        kernel: { shape: [kernelSize, kernelSize, channels, filters], role: 'kernel', fanIn, init: init(fanIn) },
      };
      const biasSpecs: ParamSpecs = { bias: { shape: [filters], role: 'bias', fanIn, init: constantInit(0) } };
      const [rows, columns] = [height, width].map((size) => outputSize(size, kernelSize, stride, padding)) as [number, number];
      return {
        specs: biasOption === 'none' ? kernelSpecs : { ...kernelSpecs, ...biasSpecs },
        inputShape,
        outputShape: [rows, columns, filters],
        apply: ({ kernel, bias }, x) =>
          tf.tidy(() => {
            const convolved = taskConv2d(x, kernel!, { stride, padding });
            return bias ? addBias(convolved, bias) : convolved;
          }),
        standardLayers({ kernel, bias }) {
          const size = { filters: kernel!.shape.at(-1), kernel_size: [kernelSize, kernelSize] };
          const config = { ...size, strides: [stride, stride], padding, data_format: 'channels_last', use_bias: bias !== undefined };
          return [{ className: 'Conv2D', config, weights: withoutTaskAxis({ kernel, bias }) }];
        },
      };
    },
  };
}
