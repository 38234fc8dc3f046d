import type * as tf from '@tensorflow/tfjs';
import type { TaskInputs } from '../core/learner';
import type { Params, ParamSpecs } from '../core/params';

/** Where a task's embedding is before the inner loop moves it. */
export interface EmbeddingStart {
  /** Parameters that are learned across tasks; none for a start that needs none. */
  readonly specs: ParamSpecs;
  /** Length of the embedding. */
  readonly size: number;
  /**
   * `[T, size]`, from this start's own parameters and what a learner may see of the tasks. `prediction` makes the
   * base network's outputs for the support inputs, `[T, n, ...outputs]`: only encoders that look at it call it.
   */
  start(params: Params, task: TaskInputs, prediction?: () => tf.Tensor): tf.Tensor;
  /** Added to a task's query loss, `[T]`: what its distribution costs. @default nothing */
  penalty?(params: Params, task: TaskInputs, prediction?: () => tf.Tensor): tf.Tensor;
}

/** A start that also has an embedding of every class, for N-way tasks of any N. */
export interface ClassEmbeddingStart extends EmbeddingStart {
  /** Length of a class embedding. */
  readonly classSize: number;
  /** `[T, ways, classSize]`; zeros for a class that the support set does not show. */
  startClasses(params: Params, task: TaskInputs): tf.Tensor;
}
