import type * as tf from '@tensorflow/tfjs';
import type { Hypernetwork } from './hypernetwork';
import type { Network } from './network';
import type { Noise } from './noise';
import type { Params, ParamSpecs } from './params';
import type { Examples } from './task';

/** All that a learner may see of T tasks. Every member is an input of the step: nothing else varies. */
export interface TaskInputs {
  readonly support: Examples;
  /**
   * What the tasks will be asked. Given in meta-training alone, for a posterior that is left behind there: adaptation never sees it.
   */
  readonly query?: Examples;
  /** `[T, rows]`, one-hot of a known task. */
  readonly row?: tf.Tensor;
  /** `[T, C]`, the user's own vector. */
  readonly condition?: tf.Tensor;
  readonly noise: Noise;
}

/** Where the inner loop is. */
export interface At {
  readonly task: TaskInputs;
  readonly start: Params;
  readonly state: Params;
  readonly step: number;
}

/** What is learned across tasks, what is adapted inside one, and how both become base weights. */
export interface Learner {
  readonly name: string;
  readonly base: Network;
  /** The meta-parameters; values are `[1, ...shape]`. */
  readonly specs: ParamSpecs;
  /** The hypernetworks among its parts, by what they generate: for those who count weights. @default none */
  readonly hypernetworks?: Readonly<Record<string, Hypernetwork>>;
  /**
   * `'any'` where the head fits any number of classes: its targets must then be classes. `'any-target'` where it is made
   * from the targets, classes or values. @default fixed
   */
  readonly ways?: 'any' | 'any-target';
  /** State before step 0; every entry `[T, ...]`. May hold entries that no step changes. */
  start(meta: Params, task: TaskInputs): Params;
  /** Base weights: `[T, ...]` per task, `[1, ...]` where shared. */
  weights(meta: Params, state: Params): Params;
  /** Entries of the state that step k changes. None at every k = closed form. @default all */
  adapts?(step: number): readonly string[];
  /** What the inner optimizer follows in place of the gradients. @default the gradients */
  direction?(meta: Params, at: At, gradients: Params): Params;
  /** Replaces a task's support loss `[T]`. @default the loss */
  innerLoss?(meta: Params, at: At, loss: tf.Tensor): tf.Tensor;
  /** Added to a task's query loss, `[T]`. @default nothing */
  penalty?(meta: Params, path: readonly At[]): tf.Tensor;
  /** Steps beyond this behave as the last one. @default 1 */
  readonly distinctSteps?: number;
}
