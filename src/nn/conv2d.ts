import { expectCount } from '../core/errors';
import { heInit } from '../core/initializers';
import { areaOf, expectPair, type Pair } from '../core/pair';
import type { Network } from '../core/network';
import type { Initializer } from '../core/params';
import { withoutTaskAxis } from '../core/standard-layer';
import { taskConv2d } from '../ops/task-convolution';
import { readSteps, type ConvolutionOptions } from '../ops/window-steps';
import { placeWindows, standardSteps } from './image-shape';
import type { Layer } from './layer';
import { withBias } from './with-bias';

export interface Conv2dOptions extends ConvolutionOptions {
  /** `'none'` leaves it out: before batch norm it would do nothing. @default 'learned' */
  readonly bias?: 'learned' | 'none';
  /** How the kernel starts. @default heInit */
  readonly init?: (fanIn: number) => Initializer;
}

/**
 * Convolution: `[T, n, H, W, C]` → `[T, n, H', W', filters]`. The size of a kernel is a number where it is square, or
 * `[height, width]`.
 */
export function conv2d(filters: number, kernelSize: number | Pair = 3, options: Conv2dOptions = {}): Layer {
  const { bias = 'learned', init = heInit } = options;
  expectCount('conv2d: filters', filters);
  const window = expectPair('conv2d: kernelSize', kernelSize);
  const steps = readSteps('conv2d', options);
  return {
    name: 'conv',
    build(inputShape) {
      const { positions, channels } = placeWindows('conv2d', inputShape, window, steps);
      const fanIn = areaOf(window) * channels;
      const convolution: Network = {
        specs: { kernel: { shape: [...window, channels, filters], role: 'kernel', fanIn, init: init(fanIn) } },
        inputShape,
        outputShape: [...positions, filters],
        apply: ({ kernel }, x) => taskConv2d(x, kernel!, options),
        standardLayers: ({ kernel, bias: added }) => [
          {
            className: 'Conv2D',
            config: { filters, kernel_size: window, ...standardSteps(steps), use_bias: added !== undefined },
            weights: withoutTaskAxis({ kernel, bias: added }),
          },
        ],
      };
      return withBias(convolution, bias, fanIn);
    },
  };
}
