import * as tf from '@tensorflow/tfjs';
import type { Pass } from '../core/network';
import { filterRecord, mapRecord, scopeRecord, unscopeRecord, type Params } from '../core/params';
import { valueAndPartials } from '../ops/gradients';
import type { LearningRate, Optimizer } from '../optim/optimizer';
import type { Guard, GuardedSetting } from './guard';

/** What varies from step to step. */
export interface ContinualInputs {
  /** Parameters that all tasks share, `[1, ...]`. */
  readonly shared: Params;
  /** What the task has of its own, `[1, ...]`. */
  readonly own: Params;
  /** x `[1, n, ...input]`, y `[1, n, ...outputs]`. */
  readonly batch: Batch;
  /** What the guard looks at; absent where there is nothing to guard. */
  readonly guarded?: { readonly reminder: Params; readonly moments: Params; readonly learningRate: tf.Scalar };
}

export interface Batch {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  /** Added to the outputs, `[T, 1, outputs]`: −1e9 where an output is not the task's. Absent for values. */
  readonly head?: tf.Tensor;
}

export interface ContinualStepOptions extends GuardedSetting {
  readonly guard?: Guard;
  readonly optimizer: Optimizer;
  /** Entries of a task's own parameters that a step moves. @default all */
  readonly ownNames?: readonly string[];
  /** `'own'` leaves the shared parameters, and with them all other tasks, as they are. */
  readonly moves: 'all' | 'own';
}

/** Gradients are named `shared/NAME` and `own/NAME`; a parameter that nothing depends on has none. */
export interface ContinualGradients {
  /** Of the task, a scalar. */
  readonly loss: tf.Tensor;
  /** Of the guard, a scalar; absent where there is nothing to guard. */
  readonly penalty?: tf.Tensor;
  readonly gradients: Params;
  /** With respect to the shared parameters, of the task's loss alone; only for a guard that follows. */
  readonly unguarded?: Params;
}

/** What a step follows: the gradient of the new task's loss, with noise for its layers, and of the guard's penalty. Pure; the caller disposes. */
export function continualGradients(options: ContinualStepOptions, inputs: ContinualInputs, pass: Pick<Pass, 'noise'> = {}): ContinualGradients {
  const { guard, moves, ownNames = Object.keys(inputs.own) } = options;
  const { shared, own, batch, guarded } = inputs;
  const moving = {
    ...(moves === 'all' ? scopeRecord(shared, 'shared') : {}),
    ...scopeRecord(filterRecord(own, (name) => ownNames.includes(name)), 'own'),
  };
  const lossAt = (params: Params) =>
    tasksLoss(options, { ...shared, ...unscopeRecord(params, 'shared') }, { ...own, ...unscopeRecord(params, 'own') }, batch, pass);
  const { value: loss, gradients: partials } = valueAndPartials(lossAt, moving);
  const slopes = connected(partials);
  const unguarded = unscopeRecord(slopes, 'shared');
  if (!guard || !guarded || moves === 'own') return { loss, gradients: slopes, ...(guard?.follow ? { unguarded } : {}) };
  const { reminder, moments, learningRate } = guarded;
  const point = guard.at === 'ahead' ? ahead(options.optimizer, shared, unguarded, moments, learningRate) : shared;
  const { value: penalty, gradients: pulls } = valueAndPartials((at) => guard.penalty(options, at, reminder), point);
  return { loss, penalty, gradients: sum(slopes, scopeRecord(connected(pulls), 'shared')), ...(guard.follow ? { unguarded } : {}) };
}

/** Sum over tasks of each one's mean loss, a scalar. */
export function tasksLoss({ learner, objective }: GuardedSetting, shared: Params, own: Params, { x, y, head }: Batch, pass: Pick<Pass, 'noise'> = {}): tf.Tensor {
  const output = learner.base.apply(learner.weights(shared, own), x, pass);
  const weight = tf.ones([output.shape[0], output.shape[1]!]);
  return tf.sum(objective.loss(head ? tf.add(output, head) : output, y, weight));
}

/** Where a step on the new task's loss alone would lead: a constant, no gradient goes through the step. */
function ahead(optimizer: Optimizer, shared: Params, gradients: Params, moments: Params, learningRate: LearningRate): Params {
  return mapRecord(shared, (value, name) => {
    const gradient = gradients[name];
    return gradient ? optimizer.update(value, gradient, unscopeRecord(moments, name), learningRate).value : value;
  });
}

/** Entries that the value depends on. */
function connected(partials: Readonly<Record<string, tf.Tensor | undefined>>): Params {
  return filterRecord(partials, (_name, partial) => partial !== undefined) as Params; // those without are gone
}

function sum(one: Params, other: Params): Params {
  const both = mapRecord({ ...one, ...other }, (_value, name) => [one[name], other[name]].filter((value) => value !== undefined));
  return mapRecord(both, (values) => (values.length === 1 ? values[0]! : tf.add(values[0]!, values[1]!)));
}
