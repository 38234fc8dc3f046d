import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import type { Network } from '../core/network';
import { toTensor, type HostParams } from '../core/host-tensor';
import { disposeParams, mapRecord, type Params } from '../core/params';
import { sizeOf, type Shape } from '../core/shape';
import type { TaskSource } from '../core/task';
import { mixture } from '../evaluation/mixture';
import { predictiveIntervals, type IntervalLevel } from '../evaluation/predictive-intervals';
import type { TfjsModel } from '../export/tfjs-model';
import { readInputs } from '../tasks/examples';
import { mostProbable, type Label } from '../tasks/labels';
import { isTensor, type NumberSource } from '../tasks/read-arrays';
import { networkToJavaScript, networkToOnnx, networkToSafetensors, networkToTfjs, type ExportedNetwork, type ExportOptions } from './export-adapted';
import type { SavedTask } from './saved-task';

/** Nested lists of numbers in the shape of a tensor. */
export type Numbers = number | readonly Numbers[];

export interface PredictOptions {
  /** `'logits'` gives a classifier's outputs before the softmax. @default 'values' */
  readonly output?: 'values' | 'logits';
  /** Of several samples: the mean of what they predict; or what each does, along a first axis `[samples, ...]`. @default 'mean' */
  readonly samples?: 'mean' | 'each';
}

/** What is predicted, and within what it is expected: nested lists of one shape. */
export interface PredictedIntervals {
  readonly mean: Numbers;
  /** Standard deviation: of the samples' predictions, and what an objective such as `gaussian()` says on top. */
  readonly deviation: Numbers;
  readonly low: Numbers;
  readonly high: Numbers;
}

/** A base network adapted to one task. Owns its weights until `dispose()`. */
export interface Adapted {
  /**
   * Values for regression, probabilities for classes. One sample (the input shape) gives one output, a list of
   * samples a list. Lists and typed arrays give nested lists; a tensor gives a tensor that the caller disposes.
   */
  predict(x: tf.Tensor, options?: PredictOptions): tf.Tensor;
  /** The same for lists and typed arrays. */
  predict(x: Exclude<NumberSource, tf.Tensor>, options?: PredictOptions): Numbers;
  /**
   * Mean ± z · standard deviation, the middle `level` of a normal distribution; for classes, of their probabilities.
   * Samples alone show what the learner holds open after the support set, which may be less than its errors: where
   * intervals shall cover the targets, train with an objective that predicts deviations too, such as `gaussian()`.
   *
   * @throws RangeError unless there are several samples, or the objective predicts deviations
   */
  predictIntervals(x: NumberSource, level?: IntervalLevel): PredictedIntervals;
  /** The most probable class of one sample. @throws RangeError for regression, DivergenceError for probabilities that are NaN */
  classify(x: NumberSource): Label;
  /** Classes in the order of the outputs; absent for regression. */
  readonly classes?: readonly Label[];
  /** The adapted task embedding, the mean over samples; absent where the learner has none. */
  readonly embedding?: readonly number[];
  /** Adapted base weights, `[1, ...shape]` or `[samples, ...shape]`, batch norm's statistics included. Disposed by `dispose()`. */
  readonly weights: Params;
  /** Mean support loss before each step and after the last; none for a task that was loaded. */
  readonly supportLosses: readonly number[];
  /**
   * The task as plain JSON: a few numbers where an embedding is adapted. `trainer.loadTask` turns it into the network again,
   * in any copy of the meta-model.
   */
  saveTask(): Promise<SavedTask>;
  /**
   * The adapted network as the bytes of an ONNX model, `input0` `[batch, ...inputShape]` → `output0`: what `predict` gives.
   *
   * @throws RangeError for several samples; EngineError for an operation without a counterpart in ONNX
   */
  toOnnx(options?: ExportOptions): Uint8Array;
  /**
   * The adapted network as a model of TensorFlow.js, what `predict` gives, for `tf.io.fromMemory` or `writeExport`: a layers model
   * where tf.layers has every layer, else a graph model, which says why. It takes any number of samples, where that is possible.
   *
   * @throws RangeError for several samples; EngineError for an operation without a counterpart in TensorFlow.js's graph models
   */
  toTfjs(options?: ExportOptions): TfjsModel;
  /**
   * The adapted network as the text of a JavaScript module without dependencies, weights included, for browsers, workers and
   * Node: `predict(rows)` gives what `predict` gives here, `classify(row)` a label, `classes` their names.
   *
   * @throws RangeError for several samples; EngineError for an operation that is not written in JavaScript yet, or a network
   * that predicts samples by those beside them
   */
  toJavaScript(options?: Pick<ExportOptions, 'output'>): string;
  /** The adapted weights, without a task axis, as the bytes of a safetensors file. @throws RangeError for several samples */
  toSafetensors(): Uint8Array;
  /** Frees its weights. */
  dispose(): void;
}

/** What adaptation leaves behind. */
export interface Outcome {
  readonly weights: HostParams;
  /** For when the weights are not needed any more. */
  recycle(): void;
  /** How many adaptations there are, along the first axis. */
  readonly samples: number;
  readonly classes?: readonly Label[];
  readonly embedding?: readonly number[];
  readonly supportLosses: readonly number[];
  save(): Promise<SavedTask>;
}

/** The door to one adapted base network, or to several samples of one. */
export function adaptedNetwork(base: Network, source: TaskSource, outcome: Outcome): Adapted {
  const { inputShape, objective } = source;
  const { classes, samples } = outcome;
  let uploaded: Params | undefined;
  let isDisposed = false;

  function expectInUse(where: string): void {
    if (isDisposed) throw new Error(`${where}: expected an adapted network that is in use, got one after dispose().`);
  }

  /** The weights as tensors, made when they are first needed. */
  function weights(): Params {
    expectInUse('predict');
    return (uploaded ??= mapRecord(outcome.weights, (value) => tf.keep(toTensor({ ...value, values: value.values.slice() })))); // kept, as the caller may be in a tidy; copied, as a clone may outlive dispose()
  }

  /** What the samples' networks put out, read as asked: `[samples, n, ...]`, or `[samples, ...]` for a single input. */
  function outputs(x: NumberSource, read: (output: tf.Tensor) => tf.Tensor): tf.Tensor {
    const params = weights();
    const inputs = readInputs(inputShape, x);
    return tf.tidy(() => {
      const asTask = tf.tensor(inputs.x, [1, inputs.count, ...inputShape]);
      const output = base.apply(params, samples === 1 ? asTask : tf.tile(asTask, [samples, 1, ...inputShape.map(() => 1)]));
      const values = read(output);
      return tf.reshape(values, inputs.form === 'list' ? values.shape : [values.shape[0], ...values.shape.slice(2)]);
    });
  }

  function predicted(x: NumberSource, { output = 'values', samples: of = 'mean' }: PredictOptions): tf.Tensor {
    expectOneOf('predict: output', output, ['values', 'logits']);
    expectOneOf('predict: samples', of, ['mean', 'each']);
    const each = outputs(x, (raw) => (output === 'logits' ? raw : objective.readout(raw)));
    if (of === 'each') return each;
    const mean = tf.mean(each, 0);
    each.dispose();
    return mean;
  }

  function predict(x: tf.Tensor, options?: PredictOptions): tf.Tensor;
  function predict(x: Exclude<NumberSource, tf.Tensor>, options?: PredictOptions): Numbers;
  function predict(x: NumberSource, options: PredictOptions = {}): tf.Tensor | Numbers {
    const result = predicted(x, options);
    if (isTensor(x)) return result;
    const numbers = result.arraySync();
    result.dispose();
    return numbers;
  }

  /** @throws RangeError for several samples; Error after dispose() */
  function exported(where: string): ExportedNetwork {
    if (samples > 1) throw new RangeError(`${where}: expected one adaptation, got ${samples} samples; adapt without samples.`);
    expectInUse(where);
    return { base, source, weights: weights(), hostWeights: outcome.weights, ...(classes ? { classes } : {}) };
  }

  const { embedding, supportLosses } = outcome;
  return {
    ...(classes ? { classes } : {}),
    ...(embedding ? { embedding } : {}),
    supportLosses,
    saveTask() {
      expectInUse('saveTask');
      return outcome.save();
    },
    toOnnx: (options) => networkToOnnx(exported('toOnnx'), options),
    toTfjs: (options) => networkToTfjs(exported('toTfjs'), options),
    toJavaScript: (options) => networkToJavaScript(exported('toJavaScript'), options),
    toSafetensors: () => networkToSafetensors(exported('toSafetensors')),
    get weights() {
      return weights();
    },
    predict,
    predictIntervals(x, level) {
      const { deviation: stated } = objective;
      if (samples === 1 && !stated)
        throw new RangeError('predictIntervals: expected several samples, or an objective that predicts deviations, such as gaussian(), got neither; adapt with { samples: 20 }.');
      const [shape, values] = sampleRows(outputs(x, (output) => objective.readout(output)));
      const [, deviations] = stated ? sampleRows(outputs(x, (output) => stated(output))) : [];
      if (!stated && values.every((row) => row.every((value, at) => Math.abs(value - values[0]![at]!) <= 1e-6 * Math.abs(value))))
        throw new RangeError(`predictIntervals: expected samples that differ, got ${samples} that are alike, as of a learner that draws nothing; train one that does, such as with gaussianEmbedding, or with the objective gaussian().`);
      const { mean, deviation } = mixture(values.map((row, sample) => ({ values: row, deviation: deviations?.[sample] })));
      const { low, high } = predictiveIntervals(mean, deviation, level);
      return { mean: nest(mean, shape), deviation: nest(deviation, shape), low: nest(low, shape), high: nest(high, shape) };
    },
    classify(x) {
      if (!classes) throw new RangeError('classify: expected a task with classes, got a regression; use predict.');
      const probabilities = predicted(x, {});
      const values = probabilities.dataSync();
      probabilities.dispose();
      if (values.length !== classes.length)
        throw new RangeError(`classify: expected one sample, got ${values.length / classes.length}; use predict for a list.`);
      return mostProbable('classify', values, classes, '; standardize x, or lower innerLearningRate');
    },
    dispose() {
      if (isDisposed) return;
      if (uploaded) disposeParams(uploaded);
      outcome.recycle();
      isDisposed = true;
    },
  };
}

/** The shape of one sample's values, and a flat list of them for each sample. Disposes the tensor. */
function sampleRows(tensor: tf.Tensor): readonly [shape: Shape, rows: readonly (readonly number[])[]] {
  const [samples, ...shape] = tensor.shape as [number, ...number[]];
  const values = Array.from(tensor.dataSync());
  tensor.dispose();
  const size = sizeOf(shape);
  return [shape, Array.from({ length: samples }, (_, sample) => values.slice(sample * size, (sample + 1) * size))];
}

/** Nested lists of a flat one. */
function nest(values: readonly number[], [first, ...rest]: Shape): Numbers {
  if (first === undefined) return values[0]!; // one number is left
  const size = sizeOf(rest);
  return Array.from({ length: first }, (_, index) => nest(values.slice(index * size, (index + 1) * size), rest));
}
