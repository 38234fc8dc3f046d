import * as tf from '@tensorflow/tfjs';
import { constantInit } from '../core/initializers';
import { taskMatMul } from '../ops/task-mat-mul';
import { activationFunction } from './activation';
import { kernelCell, type RecurrentOptions } from './kernel-cell';
import type { Layer } from './layer';
import { recurrentLayer } from './recurrent';

/**
 * h ← tanh(x W + h U + b), on sequences `[T, n, L, features]` of a fixed length.
 *
 * Source: Elman, "Finding Structure in Time", 1990 (Cognitive Science 14).
 *
 * @throws RangeError for an unknown option; ShapeError, when it is joined, for an input that is no sequence
 */
export function simpleRnn(units: number, options: RecurrentOptions = {}): Layer {
  const activate = activationFunction('simpleRnn: activation', options.activation ?? 'tanh');
  const cell = kernelCell(
    units,
    {
      name: 'simpleRnn',
      className: 'SimpleRNN',
      gates: [1],
      biasInit: constantInit(0),
      step: ({ input, recurrentKernels: [recurrentKernel], before }) => ({
        output: activate(before ? tf.add(input, taskMatMul(before.seen, recurrentKernel!)) : input),
      }),
    },
    options,
  );
  return recurrentLayer(cell, options);
}
