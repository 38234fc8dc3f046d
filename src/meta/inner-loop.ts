import * as tf from '@tensorflow/tfjs';
import type { At, Learner, TaskInputs } from '../core/learner';
import { disposeParams, filterRecord, mapParams, type Params } from '../core/params';
import type { Loss } from '../core/task';
import { valueAndGradients } from '../ops/gradients';
import { stopGradient } from '../ops/stop-gradient';
import { clipPerTask, type Clip } from '../optim/clip';
import { startMoments, updateParams, type Optimizer } from '../optim/optimizer';

/** How tasks are adapted. */
export interface InnerOptions {
  readonly steps: number;
  readonly learningRate: number;
  readonly optimizer: Optimizer;
  /** Per task. */
  readonly clip?: Clip;
  /** `'first'` ignores how each step's gradient depends on the start (FOMAML). */
  readonly order: 'first' | 'second';
  readonly loss: Loss;
}

/** The inner loop between two steps. */
export interface Inner extends At {
  readonly moments: Params;
}

/** Before step 0. The caller disposes `start` and `moments`; `state` is `start` still. */
export function startInner(learner: Learner, meta: Params, task: TaskInputs, { optimizer }: InnerOptions): Inner {
  const start = tf.tidy(() => learner.start(meta, task) as tf.NamedTensorMap) as Params;
  return { task, start, state: start, step: 0, moments: startMoments(optimizer, start) };
}

/**
 * One gradient step on the support loss, for all tasks at once. The objective is the SUM over tasks of each task's
 * mean loss, so that a task adapts alike alone and in company. Pure; differentiable with `order: 'second'`.
 */
export function innerStep(learner: Learner, meta: Params, at: Inner, options: InnerOptions): Inner {
  const names = learner.adapts?.(at.step) ?? Object.keys(at.state);
  const moving = filterRecord(at.state, (name) => names.includes(name));
  if (Object.keys(moving).length === 0) return { ...at, step: at.step + 1 };
  const { gradients } = valueAndGradients((params) => {
    const losses = supportLoss(learner, meta, { ...at, state: { ...at.state, ...params } }, options.loss);
    return tf.sum<tf.Scalar>(losses);
  }, moving);
  const settled = options.order === 'first' ? mapParams(gradients, (gradient) => stopGradient(gradient)) : gradients;
  const clipped = options.clip ? clipPerTask(settled, options.clip) : settled;
  const direction = learner.direction?.(meta, at, clipped) ?? clipped;
  const moved = updateParams(options.optimizer, moving, direction, at.moments, options.learningRate);
  return { ...at, state: { ...at.state, ...moved.params }, moments: moved.moments, step: at.step + 1 };
}

/** The step above outside any gradient: disposes what `at` held and the next point does not. */
export function advance(learner: Learner, meta: Params, at: Inner, options: InnerOptions): Inner {
  const { state, moments } = tf.tidy(() => {
    const next = innerStep(learner, meta, at, { ...options, order: 'second' }); // no outer gradient: nothing to stop
    return { state: next.state, moments: next.moments };
  }) as Pick<Inner, 'state' | 'moments'>;
  const held = new Set([...Object.values(state), ...Object.values(moments), ...Object.values(at.start)]);
  for (const value of [...Object.values(at.state), ...Object.values(at.moments)]) if (!held.has(value)) value.dispose();
  return { ...at, state, moments, step: at.step + 1 };
}

/** Every point of the inner loop, from before step 0 to after the last: `steps + 1` of them. */
export function innerLoop(learner: Learner, meta: Params, task: TaskInputs, options: InnerOptions): readonly Inner[] {
  const path = [startInner(learner, meta, task, options)];
  for (let step = 0; step < options.steps; step++) path.push(innerStep(learner, meta, path[step]!, options));
  return path;
}

/** Disposes what the inner loop made up to this point. */
export function disposeInner({ start, state, moments }: Inner): void {
  for (const params of [start, state, moments]) disposeParams(params);
}

/** Each task's support loss, `[T]`: what the inner loop descends. */
export function supportLoss(learner: Learner, meta: Params, at: At, loss: Loss): tf.Tensor {
  const { support, noise } = at.task;
  const output = learner.base.apply(learner.weights(meta, at), support.x, { weight: support.weight, noise });
  const losses = loss(output, support.y, support.weight);
  return learner.innerLoss?.(meta, at, losses) ?? losses;
}

/**
 * Base weights that a query may be put through: batch norm's statistics, unless they run along in the
 * meta-parameters, are observed on the support set.
 */
export function adaptedWeights(learner: Learner, meta: Params, at: At): Params {
  const { base } = learner;
  const { support, noise } = at.task;
  const weights = learner.weights(meta, at);
  return base.observe && !hasRunningStatistics(learner)
    ? base.observe(weights, support.x, { weight: support.weight, noise })
    : weights;
}

/** Whether batch norm's statistics are averaged over meta-training. */
export function hasRunningStatistics({ base }: Learner): boolean {
  return Object.values(base.specs).some(({ role }) => role === 'statistic');
}
