import * as tf from '@tensorflow/tfjs';
import { expectCount, shown } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import { seededNoise } from '../core/noise';
import { initParams, type Params } from '../core/params';
import { createRng } from '../core/rng';
import { areSamplesApart } from '../core/samples-apart';
import type { Objective } from '../core/task';
import { expectRuntime, type RuntimeName } from '../engine/compile';
import { adam } from '../optim/adam';
import { expectClip, type Clip } from '../optim/clip';
import { expectOptimizer, type Optimizer } from '../optim/optimizer';
import { toSchedule, type Schedule } from '../optim/schedule';
import { classification } from '../tasks/objectives';
import type { Guard } from './guard';

export interface ContinualTrainerOptions {
  /** What keeps finished tasks from being forgotten: `outputRegularizer`, `elasticWeights`, … @default nothing does */
  readonly guard?: Guard;
  /** What the base network's outputs mean; its targets have the shape of an output, unlike those of `gaussian()`. @default classification */
  readonly objective?: Objective;
  /** A number, or a schedule over the steps of a task. @default 0.001 */
  readonly learningRate?: number | Schedule;
  /** Begins anew with each task. @default adam() */
  readonly optimizer?: Optimizer;
  /** By the norm over all parameters that move. @default none */
  readonly clip?: Clip;
  /** Examples in a step; all of them where a task has fewer. @default 32 */
  readonly batchSize?: number;
  /** The source of all chance: the same seed gives the same numbers. @default '0' */
  readonly seed?: string;
  /** Back-end of TensorFlow.js, for what is not compiled. @default the fastest there is */
  readonly engine?: string;
  /** What runs steps and predictions: `'onnxruntime-node'` or `'onnxruntime-web'`, compiled; `'tfjs'`, uncompiled. @default the first that is there */
  readonly runtime?: RuntimeName;
  /**
   * Shared parameters to start from, `[1, ...shape]` by name, such as the meta-parameters of a meta-trained learner: tasks are
   * then added to a trained model. They are copied. @default drawn from the seed
   */
  readonly meta?: HostParams | Params;
}

/** The options with their defaults, checked. */
export interface ContinualSettings {
  readonly learner: Learner;
  readonly objective: Objective;
  readonly guard?: Guard;
  readonly learningRate: Schedule;
  readonly optimizer: Optimizer;
  readonly clip?: Clip;
  readonly batchSize: number;
  readonly seed: string;
  readonly runtime?: RuntimeName;
  /** Entries of a task's own parameters that steps move. @default all */
  readonly ownNames?: readonly string[];
}

/** @throws RangeError naming the option that is out of range */
export function readContinualOptions(learner: Learner, options: ContinualTrainerOptions, ownNames: readonly string[] | undefined): ContinualSettings {
  const { guard, objective = classification, learningRate = 0.001, optimizer = adam(), clip, batchSize = 32, seed = '0', runtime } = options;
  const where = 'continualTrainer';
  expectCount(`${where}: batchSize`, batchSize);
  expectOptimizer(`${where}: optimizer`, optimizer);
  if (clip) expectClip(`${where}: clip`, clip);
  if (guard) expectGuard(`${where}: guard`, guard);
  if (objective.outputShape)
    throw new RangeError(`${where}: objective: expected one whose targets have the shape of an output, got one with outputs of a shape of their own, as gaussian() has; use regression.`);
  expectRuntime(where, runtime);
  return {
    learner,
    objective,
    ...(guard ? { guard } : {}),
    learningRate: toSchedule(`${where}: learningRate`, learningRate),
    optimizer,
    ...(clip ? { clip } : {}),
    batchSize,
    seed,
    ...(runtime ? { runtime } : {}),
    ...(ownNames ? { ownNames } : {}),
  };
}

function expectGuard(where: string, guard: Partial<Guard>): void {
  if (typeof guard.penalty !== 'function' || typeof guard.remind !== 'function' || typeof guard.finish !== 'function')
    throw new RangeError(`${where}: expected a guard, such as replay({ capacity: 200 }), got ${shown(guard)}.`);
}

/**
 * Checks that a learner's base network predicts each example alone, with the weights of its start. Needs an engine.
 *
 * @throws RangeError for one with batch norm; DataError for a learner whose tasks need more than examples, such as a row
 */
export function expectExamplesApart(learner: Learner): void {
  const { base } = learner;
  const isApart = !base.observe && tf.tidy(() => {
    const rng = createRng('examples apart');
    const meta = initParams(learner.specs, rng);
    const support = { x: tf.zeros([1, 1, ...base.inputShape]), y: tf.zeros([1, 1, ...base.outputShape]), weight: tf.ones([1, 1]) };
    const made = learner.weights(meta, learner.start(meta, { support, noise: seededNoise(rng) })); // with a context, which has no specs
    const params = { ...made, ...initParams(base.specs, rng) }; // those that are made may be 0
    return areSamplesApart((x) => tf.squeeze(base.apply(params, tf.expandDims(x)), [0]), base.inputShape);
  });
  if (!isApart) throw new RangeError('continualTrainer: expected a base network whose outputs depend on one example each, got one with batch norm; use layerNorm().');
}
