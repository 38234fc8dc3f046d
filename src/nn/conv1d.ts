import { expectCount } from '../core/errors';
import type { Initializer } from '../core/params';
import { withoutTaskAxis } from '../core/standard-layer';
import { readSteps, spansOf, type Padding } from '../ops/window-steps';
import { conv2d, type Conv2dOptions } from './conv2d';
import type { Layer } from './layer';
import { onSequences } from './on-sequences';

export interface Conv1dOptions {
  /** Distance between windows. @default 1 */
  readonly stride?: number;
  /** @default 'same' */
  readonly padding?: Padding;
  /** Distance between the places of one window. Not together with a stride. @default 1 */
  readonly dilation?: number;
  /** `'none'` leaves it out: before batch norm it would do nothing. @default 'learned' */
  readonly bias?: 'learned' | 'none';
  /** How the kernel starts. @default heInit */
  readonly init?: (fanIn: number) => Initializer;
}

/** Convolution along a sequence: `[T, n, length, C]` → `[T, n, length', filters]`. */
export function conv1d(filters: number, kernelSize = 3, { stride = 1, dilation = 1, ...rest }: Conv1dOptions = {}): Layer {
  expectCount('conv1d: filters', filters);
  expectCount('conv1d: kernelSize', kernelSize);
  const options: Conv2dOptions = { ...rest, stride: [1, stride], dilation: [1, dilation] };
  const steps = readSteps('conv1d', options);
  const [, span] = spansOf([1, kernelSize], steps);
  const config = { filters, kernel_size: [kernelSize], strides: [stride], padding: steps.padding, dilation_rate: [dilation], data_format: 'channels_last' };
  return onSequences('conv1d', {
    layer: conv2d(filters, [1, kernelSize], options),
    shortest: steps.padding === 'valid' ? span : 1,
    standardLayers: ({ kernel, bias }) => [{ className: 'Conv1D', config: { ...config, use_bias: bias !== undefined }, weights: withoutTaskAxis({ kernel, bias }) }],
  });
}
