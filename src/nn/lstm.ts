import * as tf from '@tensorflow/tfjs';
import type { Initializer } from '../core/params';
import { taskMatMul } from '../ops/task-mat-mul';
import type { ActivationFunction } from './activation';
import { gateFunctions, kernelCell, type GatedOptions } from './kernel-cell';
import type { Layer } from './layer';
import { recurrentLayer, type CellState } from './recurrent';

export interface LstmOptions extends GatedOptions {
  /**
   * Share of the candidate values that is dropped, others at every step: what is remembered already stays whole. @default 0
   *
   * Source: Semeniuta, Severyn, Barth, "Recurrent Dropout without Memory Loss", 2016 (arXiv 1603.05118).
   */
  readonly candidateDropout?: number;
}

/**
 * Long short-term memory, on sequences `[T, n, L, features]` of a fixed length: i, f, o are gates of x and h,
 *
 *     c ← f · c + i · tanh(x W_c + h U_c + b_c)
 *     h ← o · tanh(c)
 *
 * with weights laid out as TensorFlow does: gates i, f, c, o side by side. The bias of f starts at 1, so that cells remember; one
 * that a hypernetwork generates starts around 0, unless it is a difference from learned ones, as with `residualHypernetwork`.
 *
 * Sources: Hochreiter, Schmidhuber, "Long Short-Term Memory", 1997 (Neural Computation 9); the bias: Jozefowicz et al.,
 * "An Empirical Exploration of Recurrent Network Architectures", 2015 (ICML).
 *
 * @throws RangeError for an unknown option; ShapeError, when it is joined, for an input that is no sequence
 */
export function lstm(units: number, options: LstmOptions = {}): Layer {
  const functions = gateFunctions('lstm', options);
  const cell = kernelCell(
    units,
    {
      name: 'lstm',
      className: 'LSTM',
      gates: [4],
      keeps: 'carry',
      biasInit: forgetInit,
      step({ input, recurrentKernels: [recurrentKernel], before, candidateMask: mask }) {
        const sums = before ? tf.add(input, taskMatMul(before.seen, recurrentKernel!)) : input;
        return remember(sums, before?.['carry'], { ...functions, ...(mask ? { mask } : {}) });
      },
    },
    options,
  );
  return recurrentLayer(cell, options);
}

/** Gates i, f, c, o side by side: 1 for f, 0 for the others. */
export const forgetInit: Initializer = (_rng, shape) => {
  const width = shape.at(-1)!;
  return Float32Array.from({ length: width }, (_, column) => (Math.floor((4 * column) / width) === 1 ? 1 : 0));
};

/** What varies in the update of a cell. */
export interface Remembering {
  readonly activate: ActivationFunction;
  readonly gate: ActivationFunction;
  /** What is left of the candidate values. @default all */
  readonly mask?: tf.Tensor;
  /** What the output sees of the carry. @default the carry */
  readonly show?: (carry: tf.Tensor) => tf.Tensor;
}

/** An LSTM's new output and carry from the sums `[T, n, 4 · units]` of its gates i, f, c, o. Call it within a tidy. */
export function remember(sums: tf.Tensor, before: tf.Tensor | undefined, { activate, gate, mask, show = (carry) => carry }: Remembering): CellState & { readonly carry: tf.Tensor } {
  const [i, f, c, o] = tf.split(sums, 4, 2) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const candidate = mask ? tf.mul(activate(c), mask) : activate(c);
  const written = tf.mul(gate(i), candidate);
  const carry = before ? tf.add(tf.mul(gate(f), before), written) : written;
  return { output: tf.mul(gate(o), activate(show(carry))), carry };
}
