import type * as tf from '@tensorflow/tfjs';
import type { HostParams } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import type { Params } from '../core/params';
import type { Rng } from '../core/rng';
import type { Shape } from '../core/shape';
import type { ExampleArrays, Objective } from '../core/task';

/**
 * What keeps finished tasks from being forgotten while a new one moves the parameters that all share. A value: what it
 * remembers is handed to it, as named arrays on the host, and written to a file with the rest.
 */
export interface Guard {
  readonly name: string;
  /**
   * Where the penalty is taken: at the shared parameters as they are, or where a step of the optimizer on the new task's
   * loss alone would bring them. @default 'here'
   */
  readonly at?: 'here' | 'ahead';
  /** What is remembered before the first task. @default nothing */
  begin?(shared: HostParams): HostParams;
  /** What a step's penalty looks at; undefined where there is nothing to guard yet. */
  remind(memory: HostParams, step: GuardedStep): HostParams | undefined;
  /** A scalar that is added to the new task's loss; differentiable in `shared`. Pure, compiled with the step. */
  penalty(setting: GuardedSetting, shared: Params, reminder: Params): tf.Tensor;
  /** Sees each step of a task, and may change the values that it remembers in place. @default it does not look */
  follow?(memory: HostParams, move: SharedMove): void;
  /** What is remembered once a task is finished. */
  finish(memory: HostParams, task: FinishedTask): Promise<HostParams>;
  /** What a memory out of a file must have, by name; sizes that are free are the memory's own. @default it is not checked */
  shapes?(memory: HostParams, beside: BesideMemory): ShapesByName;
}

export type ShapesByName = Readonly<Record<string, Shape>>;

/** The state that a memory belongs to. */
export interface BesideMemory {
  /** Finished ones. */
  readonly tasks: number;
  /** Values of an input, and of an output. */
  readonly inputs: number;
  readonly outputs: number;
  /** `[1, ...]` */
  readonly shared: ShapesByName;
  /** `[tasks, ...]` */
  readonly own: ShapesByName;
  /** Base weights of all tasks, `[tasks, ...]`, or `[1, ...]` where shared. */
  weights(): ShapesByName;
}

/** What stays the same from step to step. */
export interface GuardedSetting {
  readonly learner: Learner;
  readonly objective: Objective;
}

export interface GuardedStep {
  /** Examples of the new task in a step. */
  readonly batchSize: number;
  readonly rng: Rng;
}

/** One step of the shared parameters. */
export interface SharedMove {
  /** Of the new task's loss alone. */
  readonly gradients: HostParams;
  readonly before: HostParams;
  readonly after: HostParams;
}

/** A task at its end. */
export interface FinishedTask {
  /** Shared parameters, `[1, ...]`. */
  readonly shared: HostParams;
  /** What each of the tasks so far has of its own, `[tasks, ...]`, the finished one last. */
  readonly own: HostParams;
  /** `[tasks, outputs]`: added to a task's outputs, 0 where they are its own, −1e9 where they are not. */
  readonly heads: Float32Array;
  readonly tasks: number;
  readonly examples: ExampleArrays;
  readonly rng: Rng;
  /** Base weights of all tasks so far, `[tasks, ...]`, or `[1, ...]` where shared. */
  weights(): Promise<HostParams>;
  /** Gradient of the loss on some of the examples, by their numbers, with respect to the shared parameters. */
  gradient(examples: readonly number[]): Promise<HostParams>;
  /** How much the finished task's outputs depend on each of its base weights, `[1, ...]`, measured on `count` examples: the diagonal of JᵀJ. */
  sensitivity(count: number): Promise<HostParams>;
}
