import type * as tf from '@tensorflow/tfjs';
import type { HostFloats } from './host-tensor';
import type { Shape } from './shape';

/** Examples of T tasks: x `[T, n, ...input]`, y `[T, n, ...target]`, weight `[T, n]`, 0 on padding. */
export interface Examples {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly weight: tf.Tensor;
}

/** Examples of one task on the host, row-major: x `n * size(input)` values, y `n * size(target)`. */
export interface ExampleArrays {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly count: number;
}

/** One draw from a task: a support set and a query set with no example in common. */
export interface Episode {
  readonly support: ExampleArrays;
  readonly query: ExampleArrays;
  /** Which of the known tasks this is: for a table of embeddings. */
  readonly row?: number;
  /** The user's own description of the task. */
  readonly condition?: Float32Array;
  /** What a person may want to know: amplitude and phase, class names. Never seen by a learner. */
  readonly about?: Readonly<Record<string, number | string | readonly string[]>>;
}

/** T episodes as tensors. `row` is one-hot `[T, rows]`, `condition` `[T, C]`. */
export interface EpisodeBatch {
  readonly support: Examples;
  readonly query: Examples;
  readonly row?: tf.Tensor;
  readonly condition?: tf.Tensor;
}

/** `Examples` on the host. */
export interface HostExamples {
  readonly x: HostFloats;
  readonly y: HostFloats;
  readonly weight: HostFloats;
}

/** `EpisodeBatch` on the host. */
export interface HostBatch {
  readonly support: HostExamples;
  readonly query: HostExamples;
  readonly row?: HostFloats;
  readonly condition?: HostFloats;
}

/** Output `[T, n, ...]`, y and weight as in `Examples` → one loss per task `[T]`: a weighted mean over n. */
export type Loss = (output: tf.Tensor, y: tf.Tensor, weight: tf.Tensor) => tf.Tensor;

/** What the outputs of a base network mean: how they are trained, scored and shown. */
export interface Objective {
  readonly loss: Loss;
  /** `accuracy` in [0, 1], `mse`, … */
  readonly metric: { readonly name: string; readonly better: 'higher' | 'lower'; readonly measure: Loss };
  /** Outputs as a user reads them: probabilities for classes, values for regression. */
  readout(output: tf.Tensor): tf.Tensor;
  /** Standard deviation of the target that an output stands for, in the target's shape; absent where outputs do not say. */
  deviation?(output: tf.Tensor): tf.Tensor;
  /** Shape of an output, where it is another than that of a target. @default the target's */
  outputShape?(targetShape: Shape): Shape;
  /** Whether a target is a class: labels are then turned into one-hot rows. */
  readonly target: 'class' | 'value';
}

/** A distribution over tasks. A data set gives three of them, with disjoint classes. */
export interface TaskSource {
  readonly inputShape: Shape;
  /** `[ways]` for classes (one-hot), the shape of one value for regression. */
  readonly targetShape: Shape;
  readonly objective: Objective;
  /** Number of known tasks, where tasks are known by number. */
  readonly rows?: number;
  /** Length of the user's own task description. */
  readonly conditionSize?: number;
  /** Episode `index` of the stream `seed`: a pure function of both. */
  sample(seed: string, index: number): Episode;
}

/** Three sources with no class in common. */
export interface TaskSplits {
  readonly train: TaskSource;
  readonly validation: TaskSource;
  readonly test: TaskSource;
}
