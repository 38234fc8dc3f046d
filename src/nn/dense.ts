import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { constantInit, heInit } from '../core/initializers';
import type { Initializer, ParamSpecs } from '../core/params';
import { expectShape } from '../core/shape';
import { taskMatMul } from '../ops/task-mat-mul';
import type { Layer } from './layer';

export interface DenseOptions {
  /** How the kernel starts. @default heInit(inputs) */
  readonly init?: (fanIn: number) => Initializer;
}

/**
 * x · kernel + bias, on `[T, n, inputs]` → `[T, n, units]`. The number of outputs follows the kernel that `apply` is
 * given, so that a head may have as many columns as an episode has classes.
 */
export function dense(units: number, { init = heInit }: DenseOptions = {}): Layer {
  expectCount('dense: units', units);
  return {
    name: 'dense',
    build(inputShape) {
      expectShape('dense: input', { shape: inputShape }, [null]);
      const inputs = inputShape[0]!;
      const specs: ParamSpecs = {
        kernel: { shape: [inputs, units], role: 'kernel', fanIn: inputs, init: init(inputs) },
        bias: { shape: [units], role: 'bias', fanIn: inputs, init: constantInit(0) },
      };
      return {
        specs,
        inputShape,
        outputShape: [units],
        apply: ({ kernel, bias }, x) => tf.tidy(() => tf.add(taskMatMul(x, kernel!), tf.expandDims(bias!, 1))),
        head: { kernel: 'kernel', bias: 'bias', features: (_params, x) => tf.clone(x) },
      };
    },
  };
}
