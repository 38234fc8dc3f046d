import * as tf from '@tensorflow/tfjs';
import type { Learner } from '../core/learner';
import type { Noise } from '../core/noise';
import type { Params } from '../core/params';
import type { EpisodeBatch } from '../core/task';
import type { InnerOptions } from './inner-loop';

/**
 * The one place where meta-learners differ in the outer gradient. `meta` holds only what is trained (no statistics).
 * The caller disposes what is returned.
 */
export interface MetaGradient {
  (
    learner: Learner,
    meta: Params,
    batch: EpisodeBatch,
    noise: Noise,
    inner: InnerOptions,
    scheduled?: tf.Tensor,
  ): {
    /** What is followed, a mean over the tasks: the query loss, with the learner's penalty where it has one. */
    readonly loss: tf.Scalar;
    readonly gradients: Params;
  };
  /** Its name and what else decides its numbers, as plain values that a checkpoint keeps. @default none */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * Numbers that vary with the outer step (from 0): the `scheduled` of that step, an input of the compiled one. Nothing
   * where a step has none; it is then compiled without. @default none at any step
   */
  schedule?(step: number, inner: InnerOptions): readonly number[] | undefined;
}
