import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { heInit, normalInit } from '../core/initializers';
import type { Network } from '../core/network';
import { areaOf, expectPair, type Pair } from '../core/pair';
import type { Initializer } from '../core/params';
import { withoutTaskAxis } from '../core/standard-layer';
import { taskDepthwiseConv2d } from '../ops/task-depthwise-convolution';
import { readSteps, type ConvolutionOptions } from '../ops/window-steps';
import { conv2d } from './conv2d';
import { placeWindows, standardSteps } from './image-shape';
import type { Layer } from './layer';
import { withBias } from './with-bias';

export interface DepthwiseConv2dOptions extends ConvolutionOptions {
  /** Results of each channel, M. @default 1 */
  readonly multiplier?: number;
  /** `'none'` leaves it out: before batch norm it would do nothing. @default 'learned' */
  readonly bias?: 'learned' | 'none';
  /** How the kernel starts. @default heInit */
  readonly init?: (fanIn: number) => Initializer;
}

/**
 * Convolution of each channel by itself, with M kernels: `[T, n, H, W, C]` → `[T, n, H', W', C · M]`, the M results of a
 * channel side by side.
 */
export function depthwiseConv2d(kernelSize: number | Pair = 3, options: DepthwiseConv2dOptions = {}): Layer {
  return depthwise('depthwiseConv2d', kernelSize, options);
}

export interface SeparableConv2dOptions extends DepthwiseConv2dOptions {
  /** How the pointwise kernel starts. @default heInit */
  readonly init?: (fanIn: number) => Initializer;
  /** How the depthwise kernel starts, which no activation follows. @default normal, of variance 1 / fanIn */
  readonly depthwiseInit?: (fanIn: number) => Initializer;
}

/**
 * A convolution of each channel by itself, then one of 1 × 1 that mixes them: `[T, n, H, W, C]` → `[T, n, H', W', filters]`
 * with `kh · kw · C · M + C · M · filters` weights in place of `kh · kw · C · filters`. Kernels `depthwise` and `pointwise`.
 *
 * Source: Chollet, "Xception", 2016 (arXiv 1610.02357), section 2.
 */
export function separableConv2d(filters: number, kernelSize: number | Pair = 3, options: SeparableConv2dOptions = {}): Layer {
  const { bias = 'learned', init = heInit, depthwiseInit = (fanIn: number) => normalInit(Math.sqrt(1 / fanIn)), multiplier = 1 } = options;
  expectCount('separableConv2d: filters', filters);
  const first = depthwise('separableConv2d', kernelSize, { ...options, bias: 'none', init: depthwiseInit });
  const window = expectPair('separableConv2d: kernelSize', kernelSize);
  const steps = readSteps('separableConv2d', options);
  const second = conv2d(filters, 1, { bias, init });
  return {
    name: 'separable',
    build(inputShape) {
      const ofChannels = first.build(inputShape);
      const mixing = second.build(ofChannels.outputShape);
      const { kernel: pointwise, ...biasSpecs } = mixing.specs;
      return {
        specs: { depthwise: ofChannels.specs['kernel']!, pointwise: pointwise!, ...biasSpecs },
        inputShape,
        outputShape: mixing.outputShape,
        apply: ({ depthwise: own, pointwise: mixed, ...biases }, x) =>
          tf.tidy(() => mixing.apply({ kernel: mixed!, ...biases }, ofChannels.apply({ kernel: own! }, x))),
        standardLayers: ({ depthwise: own, pointwise: mixed, bias: added }) => [
          {
            className: 'SeparableConv2D',
            config: { filters, kernel_size: window, depth_multiplier: multiplier, ...standardSteps(steps), use_bias: added !== undefined },
            weights: withoutTaskAxis({ depthwise_kernel: own, pointwise_kernel: mixed, bias: added }),
          },
        ],
      };
    },
  };
}

function depthwise(where: string, kernelSize: number | Pair, options: DepthwiseConv2dOptions): Layer {
  const { multiplier = 1, bias = 'learned', init = heInit } = options;
  expectCount(`${where}: multiplier`, multiplier);
  const window = expectPair(`${where}: kernelSize`, kernelSize);
  const steps = readSteps(where, options);
  return {
    name: 'depthwise',
    build(inputShape) {
      const { positions, channels } = placeWindows(where, inputShape, window, steps);
      const fanIn = areaOf(window);
      const convolution: Network = {
        specs: { kernel: { shape: [...window, channels, multiplier], role: 'kernel', fanIn, init: init(fanIn), featureAxes: 2 } },
        inputShape,
        outputShape: [...positions, channels * multiplier],
        apply: ({ kernel }, x) => taskDepthwiseConv2d(x, kernel!, options),
        standardLayers({ kernel, bias: added }) {
          if (Math.max(...steps.dilations) > 1) return 'the DepthwiseConv2D of tf.layers leaves its dilation out';
          const config = { kernel_size: window, depth_multiplier: multiplier, ...standardSteps(steps), use_bias: added !== undefined };
          return [{ className: 'DepthwiseConv2D', config, weights: withoutTaskAxis({ depthwise_kernel: kernel, bias: added }) }];
        },
      };
      return withBias(convolution, bias, fanIn);
    },
  };
}
