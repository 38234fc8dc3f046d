import * as tf from '@tensorflow/tfjs';
import { toTensor, type HostParams } from '../core/host-tensor';
import type { At, Learner } from '../core/learner';
import { seededNoise } from '../core/noise';
import { filterRecord, mapRecord, type Params } from '../core/params';
import { createRng } from '../core/rng';
import type { Shape } from '../core/shape';
import type { TaskSource } from '../core/task';
import { adaptedWeights } from '../meta/inner-loop';

type Shapes = Readonly<Record<string, Shape>>;

/** Shapes of what adaptation makes, with the axis of the samples. */
export interface TaskShapes {
  readonly state: Shapes;
  /** Base weights, batch norm's statistics of the support set included. */
  readonly weights: Shapes;
  /** Those statistics alone. */
  readonly statistics: Shapes;
}

/** What the learner starts a task of so many classes with, found by starting one from zeros, as many as a support set usually has. */
export function taskShapes(learner: Learner, meta: HostParams, source: TaskSource, samples: number, ways?: number): TaskShapes {
  const tried = Math.min(samples, 2); // enough to tell what each sample has from what they share
  const { state, weights } = tf.tidy(() => {
    const targetShape = ways === undefined ? source.targetShape : [ways];
    const { count } = source.sample('shapes', 0).support; // of an image, some learners must see all points
    const task = {
      support: { x: tf.zeros([tried, count, ...source.inputShape]), y: tf.zeros([tried, count, ...targetShape]), weight: tf.ones([tried, count]) },
      ...(source.rows === undefined ? {} : { row: tf.zeros([tried, source.rows]) }),
      ...(source.conditionSize === undefined ? {} : { condition: tf.zeros([tried, source.conditionSize]) }),
      noise: seededNoise(createRng('shapes')),
    };
    const params = mapRecord(meta, (value) => toTensor(value));
    const start = learner.start(params, task);
    const at: At = { task, start, state: start, step: 0 };
    const shapesOf = (made: Params) => mapRecord(made, ({ shape: [first, ...rest] }) => [first === tried ? samples : first, ...rest]); // all have this axis
    return { state: shapesOf(start), weights: shapesOf(adaptedWeights(learner, params, at)) };
  });
  return { state, weights, statistics: filterRecord(weights, (name) => !Object.hasOwn(learner.base.specs, name)) };
}
