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
export type MetaGradient = (
  learner: Learner,
  meta: Params,
  batch: EpisodeBatch,
  noise: Noise,
  inner: InnerOptions,
) => {
  /** Mean query loss over the tasks. */
  readonly loss: tf.Scalar;
  readonly gradients: Params;
};
