import * as tf from '@tensorflow/tfjs';
import { taskMatMul } from '../ops/task-mat-mul';
import type { Layer } from './layer';
import { gateFunctions, recurrentLayer, type GatedOptions } from './recurrent';

/**
 * Long short-term memory, on sequences `[T, n, L, features]` of a fixed length: i, f, o are gates of x and h,
 *
 *     c ← f · c + i · tanh(x W_c + h U_c + b_c)
 *     h ← o · tanh(c)
 *
 * with weights laid out as TensorFlow does: gates i, f, c, o side by side. The bias of f starts at 1, so that cells remember.
 *
 * Sources: Hochreiter, Schmidhuber, "Long Short-Term Memory", 1997 (Neural Computation 9); the bias: Jozefowicz et al.,
 * "An Empirical Exploration of Recurrent Network Architectures", 2015 (ICML).
 *
 * @throws RangeError for an unknown option; ShapeError, when it is joined, for an input that is no sequence
 */
export function lstm(units: number, options: GatedOptions = {}): Layer {
  const { activate, gate } = gateFunctions('lstm', options);
  return recurrentLayer(
    units,
    {
      name: 'lstm',
      className: 'LSTM',
      gates: [4],
      biasInit: (_rng, [width]) => Float32Array.from({ length: width! }, (_, column) => (Math.floor((4 * column) / width!) === 1 ? 1 : 0)),
      step(input, [recurrentKernel], before) {
        const sums = before ? tf.add(input, taskMatMul(before.seen, recurrentKernel!)) : input;
        const [i, f, c, o] = tf.split(sums, 4, 2) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const written = tf.mul(gate(i), activate(c));
        const carry = before?.carry ? tf.add(tf.mul(gate(f), before.carry), written) : written;
        return { output: tf.mul(gate(o), activate(carry)), carry };
      },
    },
    options,
  );
}
