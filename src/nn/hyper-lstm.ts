import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf } from '../core/errors';
import { constantInit, normalInit, orthogonalInit } from '../core/initializers';
import { mapRecord, scopeRecord, unscopeRecord, type Initializer, type Params, type ParamSpecs } from '../core/params';
import { taskMatMul } from '../ops/task-mat-mul';
import { addBias } from './feature-rows';
import { dropout } from './dropout';
import { gateNormSpecs, normalizeCarry, normalizeGates } from './layer-norm-lstm';
import type { Layer } from './layer';
import { forgetInit, remember } from './lstm';
import { inputProducts, ownersOf, recurrentLayer, stepMasks, type Cell, type SequenceOptions } from './recurrent';

export interface HyperLstmOptions extends SequenceOptions {
  /** Units of the small LSTM that generates. @default 64 */
  readonly hyperUnits?: number;
  /** Values of each of the twelve embeddings, three for each gate. @default 4 */
  readonly embeddingSize?: number;
  /** `'layer'` normalizes the gates and the carry of both LSTMs, as `layerNormLstm` does. @default 'none' */
  readonly norm?: 'none' | 'layer';
  /** Share of the candidate values that is dropped, others at every step; see `lstm`. @default 0 */
  readonly candidateDropout?: number;
}

/**
 * A dynamic hypernetwork: an LSTM whose weights change at every step. A smaller LSTM reads the input and the state of the main
 * one; from its output ĥ come embeddings z, and from these, for every gate, factors of the rows of both weight matrices, and the
 * bias:
 *
 *     ĥ ← LSTM(x, h)
 *     gate = d_h(z_h) · (h U) + d_x(z_x) · (x W) + b(z_b) + b_0,    z = ĥ Z + z_0,    d(z) = z D
 *
 * Both maps are linear, so that they act as one matrix, made once for all steps: ĥ to 12 · units values. Gates i, f, c, o lie side
 * by side; factors start at 0.1, generated biases at 0, recurrent weights orthogonal, as the authors chose.
 *
 * Source: Ha, Dai, Le, "HyperNetworks", 2016 (arXiv 1609.09106), sections 3.2 and 4.2, equations 10 to 13 and appendix A.2.
 *
 * @throws RangeError for an option out of range; ShapeError, when it is joined, for an input that is no sequence
 */
export function hyperLstm(units: number, options: HyperLstmOptions = {}): Layer {
  const { hyperUnits = 64, embeddingSize = 4, norm = 'none', candidateDropout = 0 } = options;
  expectCount('hyperLstm: units', units);
  expectCount('hyperLstm: hyperUnits', hyperUnits);
  expectCount('hyperLstm: embeddingSize', embeddingSize);
  expectOneOf('hyperLstm: norm', norm, ['none', 'layer']);
  dropout(candidateDropout);
  const cell: Cell = {
    name: 'hyperLstm',
    state: { output: units, carry: units, hyperOutput: hyperUnits, hyperCarry: hyperUnits },
    specs: (features) => ({
      ...mainSpecs(features, units, norm),
      ...scopeRecord(mainSpecs(features, hyperUnits, norm), 'hyper'),
      'hyper/stateKernel': { shape: [units, 4 * hyperUnits], role: 'kernel', fanIn: units, init: orthogonalInit(4) },
      ...embeddingSpecs(units, hyperUnits, embeddingSize),
    }),
    steps(params, x, pass) {
      const [, n, length] = x.shape as [number, number, number];
      const hyper = unscopeRecord(params, 'hyper');
      const owners = ownersOf(params);
      const inputs = inputProducts(x, params['kernel']!, undefined, owners);
      const hyperInputs = inputProducts(x, hyper['kernel']!, hyper['bias'], owners);
      const masks = stepMasks(candidateDropout, [inputs[0]!.shape[0], n, length], units, pass);
      const generate = generator(params);
      return inputs.map((input, index) => (before) => {
        const hyperSums = before
          ? tf.addN([hyperInputs[index]!, taskMatMul(before.output, hyper['stateKernel']!), taskMatMul(before['hyperOutput']!, hyper['recurrentKernel']!)])
          : hyperInputs[index]!;
        const read = update(hyper, hyperSums, before?.['hyperCarry']);
        const { input: inputScale, state: stateScale, bias } = generate(read.output);
        const fromInput = tf.add(tf.mul(inputScale, input), bias);
        const sums = before ? tf.add(fromInput, tf.mul(stateScale, taskMatMul(before.output, params['recurrentKernel']!))) : fromInput;
        return { ...update(params, sums, before?.['carry'], masks[index]), hyperOutput: read.output, hyperCarry: read.carry };
      });
    },
  };

  function update(params: Params, sums: tf.Tensor, before: tf.Tensor | undefined, mask?: tf.Tensor) {
    const how = { activate: (x: tf.Tensor) => tf.tanh(x), gate: (x: tf.Tensor) => tf.sigmoid(x), ...(mask ? { mask } : {}) };
    if (norm === 'none') return remember(sums, before, how);
    return remember(normalizeGates(params, sums), before, { ...how, show: (carry) => normalizeCarry(params, carry) });
  }

  return recurrentLayer(cell, options);
}

/** What a hyper LSTM's output makes of the main one's weights, each `[T, n, 4 · units]`, the gates i, f, c, o side by side. */
export interface GeneratedScales {
  /** Factors of the recurrent kernel's columns: of its rows, where the state stands on the right as in the paper. */
  readonly state: tf.Tensor;
  /** Factors of the input kernel's columns. */
  readonly input: tf.Tensor;
  readonly bias: tf.Tensor;
}

/**
 * The factors and biases that a `hyperLstm` with such parameters uses at a step at which its small LSTM puts out `hyperOutput`
 * `[T, n, hyperUnits]`: an entry of its memory. The caller disposes.
 *
 * @example
 * const { after } = network.memory!.proceed(params, character, before);
 * const { state } = generatedScales(unscopeRecord(params, 'hyperLstm1'), after['hyperLstm1/hyperOutput']!);
 */
export function generatedScales(params: Params, hyperOutput: tf.Tensor): GeneratedScales {
  return tf.tidy(() => ({ ...generator(params)(hyperOutput) }));
}

/** The two linear maps to embeddings and to factors as one. Call it, and what it returns, within a tidy. */
function generator({ embeddingKernel, embeddingBias, scaleKernel, bias: startBias }: Params): (hyperOutput: tf.Tensor) => GeneratedScales {
  const kernel = throughEmbeddings(embeddingKernel!, scaleKernel!);
  const [, scales] = tf.split(scaleKernel!, [4, 8], 1) as [tf.Tensor, tf.Tensor];
  const scaleBias = throughEmbeddings(tf.expandDims(embeddingBias!, 1), scales);
  const bias = concatTasks([tf.expandDims(startBias!, 1), scaleBias]);
  return (hyperOutput) => {
    const generated = addBias(taskMatMul(hyperOutput, kernel), tf.squeeze(bias, [1]));
    const [added, state, input] = tf.split(generated, 3, 2) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { state, input, bias: added };
  };
}

/** rows `[T, r, parts · size]`, each part times its own kernel `[T, parts, size, units]` → `[T, r, parts · units]`. */
function throughEmbeddings(rows: tf.Tensor, kernels: tf.Tensor): tf.Tensor {
  const [owners, parts, size, units] = kernels.shape as [number, number, number, number];
  const [tasks, count] = rows.shape as [number, number];
  const apart = tf.transpose(tf.reshape(rows, [tasks, count, parts, size]), [0, 2, 1, 3]);
  const products = tf.matMul(apart, kernels);
  return tf.reshape(tf.transpose(products, [0, 2, 1, 3]), [Math.max(tasks, owners), count, parts * units]);
}

/** Side by side, where some may be shared by all tasks. */
function concatTasks(parts: readonly tf.Tensor[]): tf.Tensor {
  const tasks = Math.max(...parts.map(({ shape }) => shape[0]));
  return tf.concat(parts.map((part) => (part.shape[0] === tasks ? part : tf.tile(part, [tasks, 1, 1]))), 2);
}

/** An LSTM's own parameters; the main one's bias stands inside the norm, beside the generated one. */
function mainSpecs(features: number, units: number, norm: 'none' | 'layer'): ParamSpecs {
  return {
    kernel: { shape: [features, 4 * units], role: 'kernel', fanIn: features, init: normalInit(1 / Math.sqrt(features)) },
    recurrentKernel: { shape: [units, 4 * units], role: 'kernel', fanIn: units, init: orthogonalInit(4) },
    bias: { shape: [4 * units], role: 'bias', fanIn: features, init: norm === 'none' ? forgetInit : constantInit(0) },
    ...(norm === 'none' ? {} : gateNormSpecs(units)),
  };
}

/** Embeddings of the four gates' biases, then of their state's factors, then of their input's. */
function embeddingSpecs(units: number, hyperUnits: number, size: number): ParamSpecs {
  const parts = (of: readonly [biases: Initializer, scales: Initializer]): Initializer => (rng, shape) => {
    const fill = shape.length === 3 ? [[4, ...shape.slice(1)], [8, ...shape.slice(1)]] : [];
    return Float32Array.from(fill.flatMap((each, index) => Array.from(of[index]!(rng, each))));
  };
  return mapRecord(
    {
      embeddingKernel: { shape: [hyperUnits, 12 * size], fanIn: hyperUnits, init: biasColumns(0.01) },
      embeddingBias: { shape: [8 * size], fanIn: hyperUnits, init: constantInit(1) },
      scaleKernel: { shape: [12, size, units], fanIn: size, init: parts([constantInit(0), constantInit(0.1 / size)]) },
    },
    (spec, name) => ({ ...spec, role: name === 'embeddingBias' ? 'bias' : 'kernel' }),
  );
}

/** Normal values in the first third of the columns, zeros in the others. */
function biasColumns(deviation: number): Initializer {
  return (rng, shape) => {
    const columns = shape[1]!;
    return normalInit(deviation)(rng, shape).map((value, at) => ((at % columns) * 3 < columns ? value : 0));
  };
}
