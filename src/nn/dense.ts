import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf, ShapeError } from '../core/errors';
import { constantInit, heInit } from '../core/initializers';
import type { HostParams } from '../core/host-tensor';
import type { Initializer, ParamSpecs } from '../core/params';
import { formatShape } from '../core/shape';
import { withoutTaskAxis, type StandardLayers } from '../core/standard-layer';
import { taskMatMul } from '../ops/task-mat-mul';
import { addBias } from './feature-rows';
import type { Layer } from './layer';

export interface DenseOptions {
  /** `'none'` leaves it out: before batch norm it would do nothing. @default 'learned' */
  readonly bias?: 'learned' | 'none';
  /** How the kernel starts. @default heInit */
  readonly init?: (fanIn: number) => Initializer;
  /** How the bias starts. @default zeros */
  readonly biasInit?: (fanIn: number) => Initializer;
}

/**
 * x · kernel + bias, on `[T, n, inputs]` → `[T, n, units]`. The number of outputs follows the kernel that `apply` is
 * given, so that a head may have as many columns as an episode has classes.
 */
export function dense(units: number, options: DenseOptions = {}): Layer {
  const { bias: biasOption = 'learned', init = heInit, biasInit = () => constantInit(0) } = options;
  expectCount('dense: units', units);
  expectOneOf('dense: bias', biasOption, ['learned', 'none']);
  return {
    name: 'dense',
    build(inputShape) {
      if (inputShape.length !== 1)
        throw new ShapeError(`dense: expected inputs of shape [*], got ${formatShape(inputShape)}; put flatten() before it.`);
      const fanIn = inputShape[0]!;
      const kernelSpecs: ParamSpecs = { kernel: { shape: [fanIn, units], role: 'kernel', fanIn, init: init(fanIn) } };
      const biasSpecs: ParamSpecs = { bias: { shape: [units], role: 'bias', fanIn, init: biasInit(fanIn) } };
      const rest = { inputShape, outputShape: [units], standardLayers };
      if (biasOption === 'none')
        return { ...rest, specs: kernelSpecs, apply: ({ kernel }, x) => taskMatMul(x, kernel!) };
      return {
        ...rest,
        specs: { ...kernelSpecs, ...biasSpecs },
        apply: ({ kernel, bias }, x) => tf.tidy(() => addBias(taskMatMul(x, kernel!), bias!)),
        head: { kernel: 'kernel', bias: 'bias', features: (_params, x) => tf.clone(x) },
      };
    },
  };
}

/** As many units as the kernel has columns. */
function standardLayers({ kernel, bias }: HostParams): StandardLayers {
  const config = { units: kernel!.shape.at(-1), use_bias: bias !== undefined };
  return [{ className: 'Dense', config, weights: withoutTaskAxis({ kernel, bias }) }];
}
