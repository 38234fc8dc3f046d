import * as tf from '@tensorflow/tfjs';
import type { Network } from '../core/network';
import { toTensor, type HostParams } from '../core/host-tensor';
import { disposeParams, mapRecord, type Params } from '../core/params';
import type { TaskSource } from '../core/task';
import { readInputs } from '../tasks/examples';
import type { Label } from '../tasks/labels';
import { isTensor, type NumberSource } from '../tasks/read-arrays';

/** Nested lists of numbers in the shape of a tensor. */
export type Numbers = number | readonly Numbers[];

export interface PredictOptions {
  /** `'logits'` gives a classifier's outputs before the softmax. @default 'values' */
  readonly output?: 'values' | 'logits';
}

/** A base network adapted to one task. Owns its weights until `dispose()`. */
export interface Adapted {
  /**
   * Values for regression, probabilities for classes. One sample (the input shape) gives one output, a list of
   * samples a list. Lists and typed arrays give nested lists; a tensor gives a tensor that the caller disposes.
   */
  predict(x: tf.Tensor, options?: PredictOptions): tf.Tensor;
  predict(x: Exclude<NumberSource, tf.Tensor>, options?: PredictOptions): Numbers;
  /** The most probable class of one sample. @throws RangeError for regression */
  classify(x: NumberSource): Label;
  /** Classes in the order of the outputs; absent for regression. */
  readonly classes?: readonly Label[];
  /** The adapted task embedding; absent where the learner has none. */
  readonly embedding?: readonly number[];
  /** Adapted base weights, `[1, ...shape]`, batch norm's statistics included. Disposed by `dispose()`. */
  readonly weights: Params;
  /** Mean support loss before each step and after the last. */
  readonly supportLosses: readonly number[];
  dispose(): void;
}


/** What adaptation leaves behind. */
export interface Outcome {
  readonly weights: HostParams;
  /** For when the weights are not needed any more. */
  recycle(): void;
  readonly classes?: readonly Label[];
  readonly embedding?: readonly number[];
  readonly supportLosses: readonly number[];
}

/** The door to one adapted base network. */
export function adaptedNetwork(base: Network, { inputShape, objective }: TaskSource, outcome: Outcome): Adapted {
  const { classes } = outcome;
  let uploaded: Params | undefined;
  let isDisposed = false;

  /** The weights as tensors, made when they are first needed. */
  function weights(): Params {
    if (isDisposed) throw new Error('predict: expected an adapted network that is in use, got one after dispose().');
    return (uploaded ??= mapRecord(outcome.weights, (value) => toTensor(value)));
  }

  function outputs(x: NumberSource, output: 'values' | 'logits'): tf.Tensor {
    const params = weights();
    const inputs = readInputs(inputShape, x);
    return tf.tidy(() => {
      const raw = base.apply(params, tf.tensor(inputs.x, [1, inputs.count, ...inputShape]));
      const read = output === 'logits' ? raw : objective.readout(raw);
      return tf.reshape(read, inputs.form === 'list' ? read.shape.slice(1) : read.shape.slice(2));
    });
  }

  function predict(x: tf.Tensor, options?: PredictOptions): tf.Tensor;
  function predict(x: Exclude<NumberSource, tf.Tensor>, options?: PredictOptions): Numbers;
  function predict(x: NumberSource, { output = 'values' }: PredictOptions = {}): tf.Tensor | Numbers {
    const result = outputs(x, output);
    if (isTensor(x)) return result;
    const numbers = result.arraySync();
    result.dispose();
    return numbers;
  }

  const { embedding, supportLosses } = outcome;
  return {
    ...(classes ? { classes } : {}),
    ...(embedding ? { embedding } : {}),
    supportLosses,
    get weights() {
      return weights();
    },
    predict,
    classify(x) {
      if (!classes) throw new RangeError('classify: expected a task with classes, got a regression; use predict.');
      const logits = outputs(x, 'logits');
      const values = logits.dataSync();
      logits.dispose();
      if (values.length !== classes.length)
        throw new RangeError(`classify: expected one sample, got ${values.length / classes.length}; use predict for a list.`);
      return classes[values.indexOf(Math.max(...values))]!; // one value a class
    },
    dispose() {
      if (isDisposed) return;
      if (uploaded) disposeParams(uploaded);
      outcome.recycle();
      isDisposed = true;
    },
  };
}
