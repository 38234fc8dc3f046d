import * as tf from '@tensorflow/tfjs';
import { layerNoise } from '../core/layer-noise';
import type { At, Learner, TaskInputs } from '../core/learner';
import { filterRecord, mapParams, type Params } from '../core/params';
import { expectShape } from '../core/shape';
import type { EpisodeBatch, Examples, Loss } from '../core/task';
import { valueAndGradients } from '../ops/gradients';
import { stopGradient } from '../ops/stop-gradient';
import { clipPerTask, type Clip } from '../optim/clip';
import { startMoments, updateParams, type LearningRate, type Optimizer } from '../optim/optimizer';
import type { Order } from '../optim/schedule';

/** How tasks are adapted. */
export interface InnerOptions {
  readonly steps: number;
  readonly learningRate: number;
  readonly optimizer: Optimizer;
  /** Per task. */
  readonly clip?: Clip;
  /** `'first'` ignores how each step's gradient depends on the start (FOMAML). */
  readonly order: Order;
  readonly loss: Loss;
}

/** How one step is taken. Its rate may be a tensor: an input of a compiled step. */
export type InnerStepOptions = Omit<InnerOptions, 'steps' | 'learningRate'> & { readonly learningRate: LearningRate };

/** How all are taken. */
export type InnerLoopOptions = InnerStepOptions & Pick<InnerOptions, 'steps'>;

/** The inner loop between two steps. */
export interface Inner extends At {
  readonly moments: Params;
  /** Each task's support loss `[T]` before the step that led here. */
  readonly losses?: tf.Tensor;
}

/** Before step 0. The caller disposes `start` and `moments`; `state` is `start` still. */
export function startInner(learner: Learner, meta: Params, task: TaskInputs, { optimizer }: Pick<InnerOptions, 'optimizer'>): Inner {
  const start = tf.tidy(() => learner.start(meta, task) as tf.NamedTensorMap) as Params;
  return { task, start, state: start, step: 0, moments: startMoments(optimizer, start) };
}

/**
 * One gradient step on the support loss, for all tasks at once, and each task's loss `[T]` before it. The objective is
 * the SUM over tasks of each task's mean loss, so that a task adapts alike alone and in company. Pure; differentiable
 * with `order: 'second'`.
 */
export function innerStep(learner: Learner, meta: Params, at: Inner, options: InnerStepOptions): Inner & { readonly losses: tf.Tensor } {
  const names = learner.adapts?.(at.step) ?? Object.keys(at.state);
  const moving = filterRecord(at.state, (name) => names.includes(name));
  const lossAt = (params: Params) => supportLoss(learner, meta, { ...at, state: { ...at.state, ...params } }, options.loss);
  if (Object.keys(moving).length === 0) return { ...at, step: at.step + 1, losses: lossAt({}) };
  const { value: losses, gradients } = valueAndGradients(lossAt, moving);
  const settled = options.order === 'first' ? mapParams(gradients, (gradient) => stopGradient(gradient)) : gradients;
  const clipped = options.clip ? clipPerTask(settled, options.clip) : settled;
  const direction = learner.direction?.(meta, at, clipped) ?? clipped;
  const moved = updateParams(options.optimizer, moving, direction, at.moments, options.learningRate);
  return { ...at, state: { ...at.state, ...moved.params }, moments: moved.moments, step: at.step + 1, losses };
}

/** Every point of the inner loop, from before step 0 to after the last: `steps + 1` of them. */
export function innerLoop(learner: Learner, meta: Params, task: TaskInputs, options: InnerLoopOptions): readonly Inner[] {
  const path = [startInner(learner, meta, task, options)];
  for (let step = 0; step < options.steps; step++) path.push(innerStep(learner, meta, path[step]!, options));
  return path;
}

/** Each task's support loss, `[T]`: what the inner loop descends. */
export function supportLoss(learner: Learner, meta: Params, at: At, loss: Loss): tf.Tensor {
  const { support } = at.task;
  const output = learner.base.apply(learner.weights(meta, at.state), support.x, { weight: support.weight, ...layerNoise(at.task) });
  const losses = lossOfTasks(loss, output, support);
  return learner.innerLoss?.(meta, at, losses) ?? losses;
}

/** Each task's query loss at a point of the inner loop, `[T]`. */
export function queryLoss(learner: Learner, meta: Params, at: At, query: EpisodeBatch['query'], loss: Loss): tf.Tensor {
  const output = learner.base.apply(adaptedWeights(learner, meta, at), query.x, {
    weight: query.weight,
    ...layerNoise(at.task),
  });
  return lossOfTasks(loss, output, query);
}

/** @throws ShapeError for an objective whose loss is not one number for each task */
function lossOfTasks(loss: Loss, output: tf.Tensor, { x, y, weight }: Examples): tf.Tensor {
  const losses = loss(output, y, weight);
  expectShape('loss of the objective', losses, [x.shape[0]]);
  return losses;
}

/**
 * Base weights that a query may be put through: batch norm's statistics, unless they run along in the
 * meta-parameters, are observed on the support set.
 */
export function adaptedWeights(learner: Learner, meta: Params, at: At): Params {
  const { base } = learner;
  const { support } = at.task;
  const weights = learner.weights(meta, at.state);
  if (!base.observe) return weights;
  const observed = base.observe(weights, support.x, { weight: support.weight, ...layerNoise(at.task) }); // where all run along, nothing comes of it
  const isRunning = (name: string) => base.specs[name]?.role === 'statistic';
  return { ...filterRecord(observed, (name) => !isRunning(name)), ...filterRecord(weights, isRunning) };
}

/** Whether batch norm's statistics are averaged over meta-training. */
export function hasRunningStatistics({ base }: Learner): boolean {
  return Object.values(base.specs).some(({ role }) => role === 'statistic');
}
