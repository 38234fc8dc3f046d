import type { HostParams } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import type { UserExamples } from '../tasks/examples';
import type { Label } from '../tasks/labels';
import type { NumberSource } from '../tasks/read-arrays';
import type { Numbers } from '../trainer/adapted';
import type { ContinualTask } from './read-task';

export interface AddTaskOptions {
  /** Steps to take; a loop that is left before keeps what was learned until then. */
  readonly steps: number;
  /**
   * `'own'` moves only what the task has of its own, such as its embedding: no other task changes at all, and few examples
   * are enough where the shared parameters were trained before. @default 'all'
   */
  readonly moves?: 'all' | 'own';
  /** Which of the base network's outputs stand for the task's classes, in their order. @default the first ones */
  readonly outputs?: readonly number[];
  /** In place of the trainer's. */
  readonly learningRate?: number;
}

/** What one step reports. */
export interface ContinualEvent {
  /** Number of the task, from 0. */
  readonly task: number;
  /** Steps taken on it, from 1. */
  readonly step: number;
  /** Of the step's examples, before it. */
  readonly loss: number;
  /** What the guard added; 0 for a first task. */
  readonly penalty: number;
  /** Norm of the gradient of both, before clipping. */
  readonly gradientNorm: number;
}

/** The metric of the objective on a task's examples. */
export interface TaskScore {
  readonly metric: string;
  /** Over the examples; in [0, 1] for `accuracy`. */
  readonly mean: number;
  /** Half the width of its 95 % interval over the examples. */
  readonly interval: number;
  readonly count: number;
  /** The share of examples whose task was recognized; absent where it was given. */
  readonly recognized?: number;
}

export interface EvaluateTaskOptions {
  readonly task: number;
  /** `'inferred'`: each example is predicted as the task whose prediction has the lowest entropy; classes only. @default 'given' */
  readonly identity?: 'given' | 'inferred';
}

/** Learns tasks one after another, and predicts for any of them. Holds compiled programs until `dispose()`. */
export interface ContinualTrainer {
  readonly learner: Learner;
  /** The tasks that were added, in order; their numbers are their places, from 0. */
  readonly tasks: readonly ContinualTask[];
  /** A copy of the parameters that all tasks share, `[1, ...shape]`. */
  readonly shared: HostParams;
  /** A copy of what a task has of its own, `[1, ...]`. @throws RangeError for a number without a task */
  ownOf(task: number): HostParams;
  /**
   * Learns one more task, one event per step. It is there once the loop has ended, or was left. Bytes in x stand for levels and
   * are divided by 255.
   *
   * @throws DivergenceError if the loss is not finite; all tasks are then as they were before
   */
  addTask(examples: UserExamples, options: AddTaskOptions): AsyncGenerator<ContinualEvent, void>;
  /** Values, or the probabilities of the task's classes. One sample gives one output, a list of samples a list. */
  predict(x: NumberSource, options: { readonly task: number }): Promise<Numbers>;
  /** The most probable class of each sample; without a task, of the one that is inferred. @throws RangeError for values; DivergenceError for scores that are NaN */
  classify(x: NumberSource, options?: { readonly task?: number }): Promise<Label | readonly Label[]>;
  /**
   * The number of the task whose prediction for a sample has the lowest entropy.
   *
   * Source: von Oswald et al. 2020 (arXiv 1906.00695), section 3, HNET+ENT.
   *
   * @throws RangeError for values; DivergenceError for scores that are NaN
   */
  inferTask(x: NumberSource): Promise<number | readonly number[]>;
  /** The metric on examples of a task. @throws RangeError for a number without a task; DataError for other classes than its own; DivergenceError for outputs that are not finite */
  evaluate(examples: UserExamples, options: EvaluateTaskOptions): Promise<TaskScore>;
  /** Tasks, parameters and what the guard remembers, as the bytes of a safetensors file. */
  save(): Uint8Array;
  /** Takes over what `save` gave. @throws DataError for bytes of another learner or guard, or broken ones; all is then as it was */
  load(bytes: Uint8Array): void;
  /** Ends its compiled programs. */
  dispose(): void;
}
