import * as tf from '@tensorflow/tfjs';
import { expectOneOf, ShapeError } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import type { Pass } from '../core/network';
import { mapParams, mapRecord, type Params, type ParamSpecs } from '../core/params';
import { formatShape } from '../core/shape';
import type { StandardLayers } from '../core/standard-layer';
import { taskMatMul } from '../ops/task-mat-mul';
import { dropout } from './dropout';
import { addBias } from './feature-rows';
import type { Layer } from './layer';

/** How a recurrent layer reads, and what it puts out. */
export interface SequenceOptions {
  /** The output of the last step, `[T, n, units]`, or of every step, `[T, n, L, units]`. @default 'last' */
  readonly output?: 'last' | 'every';
  /** `'backward'` reads the sequence from its end, and puts out what it reads in that order. @default 'forward' */
  readonly direction?: 'forward' | 'backward';
}

/** What a step hands to the next: the output, `[T, n, units]`, and whatever else the cell keeps. */
export interface CellState {
  readonly output: tf.Tensor;
  readonly [name: string]: tf.Tensor;
}

/** One step of a sequence; the state before the first is zero, and not given. */
export type CellStep = (before?: CellState) => CellState;

/** What differs between recurrent layers. */
export interface Cell {
  readonly name: string;
  /** Sizes of what a step hands to the next, that of `output` among them. */
  readonly state: Readonly<Record<string, number>> & { readonly output: number };
  specs(features: number): ParamSpecs;
  /** The steps of x `[T, n, L, features]` in its order; what all of them can share, such as the inputs' products, is made once. */
  steps(params: Params, x: tf.Tensor, pass?: Pass): readonly CellStep[];
  /** Its layer in tf.layers, where it has one. */
  standardLayers?(weights: HostParams, how: Required<SequenceOptions>): StandardLayers;
}

/** A cell unrolled over the steps of a sequence, `[T, n, L, features]`. */
export function recurrentLayer(cell: Cell, { output = 'last', direction = 'forward' }: SequenceOptions): Layer {
  const where = cell.name;
  expectOneOf(`${where}: output`, output, ['last', 'every']);
  expectOneOf(`${where}: direction`, direction, ['forward', 'backward']);

  /** Call it within a tidy. */
  function read(params: Params, x: tf.Tensor, before: CellState | undefined, pass?: Pass) {
    const steps = cell.steps(params, x, pass);
    let state = before;
    const outputs = (direction === 'forward' ? steps : [...steps].reverse()).map((step) => (state = step(state)).output);
    return { output: output === 'last' ? tf.clone(outputs.at(-1)!) : tf.stack(outputs, 2), state: state! }; // there is at least one step
  }

  return {
    name: cell.name,
    build(inputShape) {
      if (inputShape.length !== 2 || inputShape[0]! < 1)
        throw new ShapeError(`${where}: expected sequences of shape [steps, features], got ${formatShape(inputShape)}.`);
      const [steps, features] = inputShape as [number, number];
      return {
        specs: cell.specs(features),
        inputShape,
        outputShape: output === 'last' ? [cell.state.output] : [steps, cell.state.output],
        apply: (params, x, pass) => tf.tidy(() => read(params, x, undefined, pass).output),
        memory: {
          shapes: mapRecord(cell.state, (size) => [size]),
          proceed(params, x, before, pass) {
            if (direction === 'backward')
              throw new RangeError(`${where}: memory: expected direction 'forward', got 'backward', which reads the pieces of a sequence from the last one.`);
            return tf.tidy(() => {
              const { output, state } = read(params, x, before as unknown as CellState, pass); // its entries are those of `shapes`
              return { output, after: mapParams(state, (value) => tf.clone(value)) };
            });
          },
        },
        ...(cell.standardLayers ? { standardLayers: (weights) => cell.standardLayers!(weights, { output, direction }) } : {}),
      };
    },
  };
}

/** x · kernel + bias for every step, `[T, n, width]` each, with as many tasks as there are `owners`. */
export function inputProducts(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined, owners: number): tf.Tensor[] {
  const [tasks, n, steps, features] = x.shape as [number, number, number, number];
  const rows = taskMatMul(tf.reshape(x, [tasks, n * steps, features]), kernel);
  const biased = bias ? addBias(rows, bias) : rows;
  const own = owners > biased.shape[0] ? tf.tile(biased, [owners, 1, 1]) : biased;
  return tf.unstack(tf.reshape(own, [own.shape[0], n, steps, own.shape[2]!]), 2);
}

/** How many tasks have parameters of their own; 1 where they share all. */
export function ownersOf(params: Params): number {
  return Math.max(...Object.values(params).map(({ shape }) => shape[0]));
}

/** What dropout makes of ones; undefined where nothing is dropped. */
export function dropoutMask(rate: number, shape: number[], pass: Pass | undefined): tf.Tensor | undefined {
  return rate > 0 && pass?.noise ? dropout(rate).build(shape.slice(2)).apply({}, tf.ones(shape), pass) : undefined;
}

/** A mask for each step, `[T, n, units]`, all different; none where nothing is dropped. */
export function stepMasks(rate: number, [tasks, n, steps]: readonly number[], units: number, pass: Pass | undefined): readonly (tf.Tensor | undefined)[] {
  const mask = dropoutMask(rate, [tasks!, n!, steps!, units], pass);
  return mask ? tf.unstack(mask, 2) : new Array<undefined>(steps!).fill(undefined);
}
