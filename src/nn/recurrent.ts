import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf, ShapeError } from '../core/errors';
import { normalInit } from '../core/initializers';
import type { HostParams } from '../core/host-tensor';
import type { Pass } from '../core/network';
import type { Initializer, Params, ParamSpecs } from '../core/params';
import { formatShape } from '../core/shape';
import { withoutTaskAxis, type StandardLayers } from '../core/standard-layer';
import { taskMatMul } from '../ops/task-mat-mul';
import { activationFunction, standardActivation, type ActivationFunction, type ActivationName } from './activation';
import { dropout } from './dropout';
import { addBias } from './feature-rows';
import type { Layer } from './layer';

export interface RecurrentOptions {
  /** The state after the last step, `[T, n, units]`, or after every step, `[T, n, L, units]`. @default 'last' */
  readonly output?: 'last' | 'every';
  /** `'backward'` reads the sequence from its end, and puts out what it reads in that order. @default 'forward' */
  readonly direction?: 'forward' | 'backward';
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

/** What a step hands to the next: the output, `[T, n, units]`, and whatever else the cell keeps. */
export interface CellState {
  readonly output: tf.Tensor;
  readonly carry?: tf.Tensor;
}

/** What differs between recurrent layers. */
export interface Cell {
  readonly name: string;
  /** Its layer in tf.layers. */
  readonly className: string;
  /** Columns of both kernels for each unit, apart where the recurrent kernel's columns meet different values. */
  readonly gates: readonly number[];
  /** How the bias starts. */
  readonly biasInit: Initializer;
  /**
   * One step. `input` `[T, n, gates · units]` is the input's product with its kernel, plus the bias; `before` is missing at the
   * first step, where the state is zero; `seen` is its output as the step sees it. `recurrentKernels` are apart as `gates` are.
   */
  step(input: tf.Tensor, recurrentKernels: readonly tf.Tensor[], before?: CellState & { readonly seen: tf.Tensor }): CellState;
}

/**
 * Unrolled over the steps of a sequence, `[T, n, L, features]`: one product for the inputs of all steps, then one (or two)
 * a step for the state.
 */
export function recurrentLayer(units: number, cell: Cell, options: GatedOptions): Layer {
  const { output = 'last', direction = 'forward', bias: biasOption = 'learned', dropout: inputRate = 0, recurrentDropout: stateRate = 0 } = options;
  const where = cell.name;
  expectCount(`${where}: units`, units);
  expectOneOf(`${where}: output`, output, ['last', 'every']);
  expectOneOf(`${where}: direction`, direction, ['forward', 'backward']);
  const standard = { ...activationsOf(options), return_sequences: output === 'every', go_backwards: direction === 'backward', dropout: inputRate, recurrent_dropout: stateRate };
  const dropping = { input: dropout(inputRate), state: dropout(stateRate) };
  return {
    name: cell.name,
    build(inputShape) {
      if (inputShape.length !== 2 || inputShape[0]! < 1)
        throw new ShapeError(`${where}: expected sequences of shape [steps, features], got ${formatShape(inputShape)}.`);
      const [steps, features] = inputShape as [number, number];
      const width = units * cell.gates.reduce((sum, gates) => sum + gates);
      const kernels: ParamSpecs = {
        kernel: { shape: [features, width], role: 'kernel', fanIn: features, init: normalInit(1 / Math.sqrt(features)) },
        recurrentKernel: { shape: [units, width], role: 'kernel', fanIn: units, init: normalInit(1 / Math.sqrt(units)) },
      };
      const biasSpecs: ParamSpecs = { bias: { shape: [width], role: 'bias', fanIn: features, init: cell.biasInit } };
      return {
        specs: biasOption === 'none' ? kernels : { ...kernels, ...biasSpecs },
        inputShape,
        outputShape: output === 'last' ? [units] : [steps, units],
        standardLayers: (weights) => standardLayers(cell, { ...standard, units, use_bias: biasOption === 'learned' }, weights),
        apply: (params, x, pass) =>
          tf.tidy(() => {
            const [tasks, n] = x.shape as [number, number];
            const kept = inputRate > 0 && pass?.noise ? tf.mul(x, mask(dropping.input, [tasks, n, 1, features], pass)) : x;
            const inputs = tf.unstack(inputProducts(params, kept), 2);
            const stateMask = stateRate > 0 && pass?.noise ? mask(dropping.state, [inputs[0]!.shape[0], n, units], pass) : undefined;
            const kernels = tf.split(params['recurrentKernel']!, cell.gates.map((gates) => gates * units), 2);
            const outputs = unroll(cell, direction === 'forward' ? inputs : [...inputs].reverse(), kernels, stateMask);
            return output === 'last' ? tf.clone(outputs.at(-1)!) : tf.stack(outputs, 2);
          }),
      };
    },
  };
}

function activationsOf({ activation = 'tanh', recurrentActivation = 'sigmoid' }: GatedOptions) {
  return { activation: standardActivation(activation), recurrent_activation: standardActivation(recurrentActivation) };
}

function standardLayers({ className }: Cell, config: ReturnType<typeof activationsOf> & Readonly<Record<string, unknown>>, weights: HostParams): StandardLayers {
  if (!config.activation || !config.recurrent_activation) return 'tf.layers has no such activation';
  const { kernel, recurrentKernel, bias } = weights;
  return [{ className, config, weights: withoutTaskAxis({ kernel, recurrent_kernel: recurrentKernel, bias }) }];
}

/** x · kernel + bias for all steps, `[T, n, L, gates · units]`, with a T that the recurrent kernel fits. */
function inputProducts({ kernel, recurrentKernel, bias }: Params, x: tf.Tensor): tf.Tensor {
  const [tasks, n, steps, features] = x.shape as [number, number, number, number];
  const rows = taskMatMul(tf.reshape(x, [tasks, n * steps, features]), kernel!);
  const biased = bias ? addBias(rows, bias) : rows;
  const owners = recurrentKernel!.shape[0];
  const own = owners > biased.shape[0] ? tf.tile(biased, [owners, 1, 1]) : biased;
  return tf.reshape(own, [own.shape[0], n, steps, own.shape[2]!]);
}

function unroll(cell: Cell, inputs: readonly tf.Tensor[], kernels: readonly tf.Tensor[], stateMask?: tf.Tensor): tf.Tensor[] {
  let state: CellState | undefined;
  return inputs.map((input) => {
    const seen = state && (stateMask ? tf.mul(state.output, stateMask) : state.output);
    state = cell.step(input, kernels, state && { ...state, seen: seen! });
    return state.output;
  });
}

/** What a dropout layer makes of ones. */
function mask(layer: Layer, shape: number[], pass: Pass): tf.Tensor {
  return layer.build(shape.slice(2)).apply({}, tf.ones(shape), pass);
}

/** The activations of a gated cell. @throws RangeError for an unknown name */
export function gateFunctions(where: string, { activation = 'tanh', recurrentActivation = 'sigmoid' }: GatedOptions): {
  readonly activate: ActivationFunction;
  readonly gate: ActivationFunction;
} {
  return { activate: activationFunction(`${where}: activation`, activation), gate: activationFunction(`${where}: recurrentActivation`, recurrentActivation) };
}
