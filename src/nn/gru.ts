import * as tf from '@tensorflow/tfjs';
import { constantInit } from '../core/initializers';
import { taskMatMul } from '../ops/task-mat-mul';
import { gateFunctions, kernelCell, type GatedOptions } from './kernel-cell';
import type { Layer } from './layer';
import { recurrentLayer } from './recurrent';

/**
 * Gated recurrent unit, on sequences `[T, n, L, features]` of a fixed length: z, r are gates of x and h,
 *
 *     h ← z · h + (1 − z) · tanh(x W_h + (r · h) U_h + b_h)
 *
 * with weights laid out as TensorFlow does: gates z, r, h side by side.
 *
 * Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014 (arXiv 1406.1078), section 2.3.
 *
 * @throws RangeError for an unknown option; ShapeError, when it is joined, for an input that is no sequence
 */
export function gru(units: number, options: GatedOptions = {}): Layer {
  const { activate, gate } = gateFunctions('gru', options);
  const cell = kernelCell(
    units,
    {
      name: 'gru',
      className: 'GRU',
      gates: [2, 1],
      biasInit: constantInit(0),
      step({ input, recurrentKernels: [gateKernel, candidateKernel], before }) {
        const [inputZ, inputR, inputH] = tf.split(input, 3, 2) as [tf.Tensor, tf.Tensor, tf.Tensor];
        if (!before) return { output: tf.mul(tf.sub(1, gate(inputZ)), activate(inputH)) };
        const [stateZ, stateR] = tf.split(taskMatMul(before.seen, gateKernel!), 2, 2) as [tf.Tensor, tf.Tensor];
        const z = gate(tf.add(inputZ, stateZ));
        const r = gate(tf.add(inputR, stateR));
        const candidate = activate(tf.add(inputH, taskMatMul(tf.mul(r, before.seen), candidateKernel!)));
        return { output: tf.add(tf.mul(z, before.seen), tf.mul(tf.sub(1, z), candidate)) };
      },
    },
    options,
  );
  return recurrentLayer(cell, options);
}
