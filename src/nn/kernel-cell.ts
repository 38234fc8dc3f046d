import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { normalInit, orthogonalInit } from '../core/initializers';
import type { Initializer, Params, ParamSpecs } from '../core/params';
import { withoutTaskAxis } from '../core/standard-layer';
import { activationFunction, standardActivation, type ActivationFunction, type ActivationName } from './activation';
import { dropout } from './dropout';
import { dropoutMask, inputProducts, ownersOf, stepMasks, type Cell, type CellState, type SequenceOptions } from './recurrent';

export interface RecurrentOptions extends SequenceOptions {
  /** Of the candidate state. @default 'tanh' */
  readonly activation?: ActivationName | ActivationFunction;
  /** @default 'learned' */
  readonly bias?: 'learned' | 'none';
  /** Share of the inputs that is dropped, the same at every step; see `dropout`. @default 0 */
  readonly dropout?: number;
  /** Share of the state that is dropped where it enters a step, the same at every step. @default 0 */
  readonly recurrentDropout?: number;
}

export interface GatedOptions extends RecurrentOptions {
  /** Of the gates. @default 'sigmoid' */
  readonly recurrentActivation?: ActivationName | ActivationFunction;
}

/** What a step of such a cell works with. */
export interface CellStepInputs {
  /** The input's product with its kernel, plus the bias, `[T, n, gates · units]`. */
  readonly input: tf.Tensor;
  /** Apart as `gates` are. */
  readonly recurrentKernels: readonly tf.Tensor[];
  readonly params: Params;
  /** `seen` is its output as the step sees it. */
  readonly before?: CellState & { readonly seen: tf.Tensor };
  /** What is left of the candidate values, where some are dropped. */
  readonly candidateMask?: tf.Tensor;
}

/** A cell with one kernel for the input and one for the state, the columns of all gates side by side, as tf.layers has them. */
export interface KernelCell {
  readonly name: string;
  /** Its layer in tf.layers, if there is one. */
  readonly className?: string;
  /** Columns of both kernels for each unit, apart where the recurrent kernel's columns meet different values. */
  readonly gates: readonly number[];
  /** What it keeps beside its output, of one value for each unit. @default nothing */
  readonly keeps?: 'carry';
  /** How the bias starts. */
  readonly biasInit: Initializer;
  /** Beside kernels and bias. @default none */
  readonly specs?: ParamSpecs;
  step(at: CellStepInputs): CellState;
}

/** One product for the inputs of all steps, then one (or two) a step for the state. */
export function kernelCell(units: number, cell: KernelCell, options: GatedOptions & { readonly candidateDropout?: number }): Cell {
  const { bias = 'learned', dropout: inputRate = 0, recurrentDropout: stateRate = 0, candidateDropout: candidateRate = 0 } = options;
  const { name, className, gates, keeps, biasInit } = cell;
  expectCount(`${name}: units`, units);
  for (const rate of [inputRate, stateRate, candidateRate]) dropout(rate);
  const columns = gates.reduce((sum, each) => sum + each);
  const width = units * columns;
  const standard = { ...activationsOf(options), units, use_bias: bias === 'learned', dropout: inputRate, recurrent_dropout: stateRate };
  return {
    name,
    state: { output: units, ...(keeps ? { [keeps]: units } : {}) },
    specs: (features) => ({
      kernel: { shape: [features, width], role: 'kernel', fanIn: features, init: normalInit(1 / Math.sqrt(features)) },
      recurrentKernel: { shape: [units, width], role: 'kernel', fanIn: units, init: orthogonalInit(columns) },
      ...(bias === 'none' ? {} : { bias: { shape: [width], role: 'bias', fanIn: features, init: biasInit } }),
      ...cell.specs,
    }),
    steps(params, x, pass) {
      const { kernel, recurrentKernel, bias: added } = params;
      const [tasks, n, steps, features] = x.shape as [number, number, number, number];
      const inputMask = dropoutMask(inputRate, [tasks, n, 1, features], pass);
      const inputs = inputProducts(inputMask ? tf.mul(x, inputMask) : x, kernel!, added, ownersOf(params));
      const owners = inputs[0]!.shape[0];
      const stateMask = dropoutMask(stateRate, [owners, n, units], pass);
      const candidateMasks = stepMasks(candidateRate, [owners, n, steps], units, pass);
      const recurrentKernels = tf.split(recurrentKernel!, gates.map((each) => each * units), 2);
      return inputs.map((input, index) => (before) => {
        const seen = before && (stateMask ? tf.mul(before.output, stateMask) : before.output);
        const candidateMask = candidateMasks[index];
        return cell.step({ input, recurrentKernels, params, ...(before ? { before: { ...before, seen: seen! } } : {}), ...(candidateMask ? { candidateMask } : {}) });
      });
    },
    ...(className === undefined
      ? {}
      : {
          standardLayers({ kernel, recurrentKernel, bias: added }, { output, direction }) {
            if (!standard.activation || !standard.recurrent_activation) return 'tf.layers has no such activation';
            const config = { ...standard, return_sequences: output === 'every', go_backwards: direction === 'backward' };
            return [{ className, config, weights: withoutTaskAxis({ kernel, recurrent_kernel: recurrentKernel, bias: added }) }];
          },
        }),
  };
}

function activationsOf({ activation = 'tanh', recurrentActivation = 'sigmoid' }: GatedOptions) {
  return { activation: standardActivation(activation), recurrent_activation: standardActivation(recurrentActivation) };
}

/** The activations of a gated cell. @throws RangeError for an unknown name */
export function gateFunctions(where: string, { activation = 'tanh', recurrentActivation = 'sigmoid' }: GatedOptions): {
  readonly activate: ActivationFunction;
  readonly gate: ActivationFunction;
} {
  return { activate: activationFunction(`${where}: activation`, activation), gate: activationFunction(`${where}: recurrentActivation`, recurrentActivation) };
}
