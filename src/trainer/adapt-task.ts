import { DataError, DivergenceError, expectCount, expectPositive } from '../core/errors';
import type { HostFloats, HostParams } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import { meanInterval } from '../evaluation/interval';
import { filterRecord } from '../core/params';
import { createRng } from '../core/rng';
import type { TaskSource } from '../core/task';
import type { Adapter } from '../meta/adapter';
import type { InnerOptions } from '../meta/inner-loop';
import { readExamples, type UserExamples } from '../tasks/examples';
import type { Label } from '../tasks/labels';
import { stackExamples } from '../tasks/stack-episodes';
import { expectValues } from '../io/expect-values';
import { adaptedNetwork, type Adapted } from './adapted';
import { knownTask } from './known-task';
import { readTask, writeTask, type TaskValues } from './saved-task';
import { taskShapes } from './task-shapes';

export interface AdaptOptions {
  /** Gradient steps; may be more than in training. @default as many as in training */
  readonly steps?: number;
  /** @default as in training */
  readonly learningRate?: number;
  /**
   * Adaptations, each with noise of its own, that predict together; for learners that draw noise, such as those with a
   * `gaussianEmbedding`. Their spread is in `predictIntervals`. @default 1
   */
  readonly samples?: number;
  /** Which known task this is: for tasks that are known by number, and no others. */
  readonly row?: number;
  /** The user's own description of the task: for tasks that have one, and no others. */
  readonly condition?: ArrayLike<number>;
}

/** What adaptation needs of the meta-trainer. */
export interface AdaptContext {
  readonly learner: Learner;
  readonly adapter: Adapter;
  readonly meta: HostParams;
  readonly source: TaskSource;
  readonly inner: InnerOptions;
  readonly seed: string;
  /** Support sets of so many examples are not padded: those of meta-training. */
  readonly usualCount: number;
}

/**
 * Adapts the learner to one task from its support set.
 *
 * @throws ShapeError, DataError for a support set that does not fit; RangeError for an option out of range; DivergenceError if the
 * support loss is not finite
 */
export async function adaptTask(context: AdaptContext, examples: UserExamples, options: AdaptOptions = {}): Promise<Adapted> {
  const { learner, source, usualCount } = context;
  const { steps = context.inner.steps, learningRate = context.inner.learningRate, samples = 1 } = options;
  expectCount('adapt: steps', steps, 0);
  expectPositive('adapt: learningRate', learningRate);
  expectCount('adapt: samples', samples);
  const known = knownTask(source, options, samples);
  const { arrays, classes } = readExamples(source, examples);
  expectWays('support.y', learner, classes);
  const target = { ...source, targetShape: classes ? [classes.length] : source.targetShape };
  const sideBySide = Array.from({ length: samples }, () => arrays);
  const task = { support: stackExamples('support', target, sideBySide, { length: paddedCount(arrays.count, usualCount) }), ...known };
  const { adapter, meta, seed } = context;
  const how = { steps, learningRate };
  const { embedding, weights, state, losses, recycle } = await adapter.adapt(meta, task, how, createRng(`${seed}/adapt`));
  return adaptedNetwork(learner.base, source, {
    weights,
    recycle,
    samples,
    supportLosses: losses.map((loss, step) => expectFinite(loss, step)),
    ...(embedding ? { embedding: meanOf(embedding) } : {}),
    ...(classes ? { classes } : {}),
    save() {
      const statistics = filterRecord(weights, (name) => !(name in learner.base.specs)); // of the support set
      const kept: TaskValues = state ? { of: 'state', values: state, statistics } : { of: 'weights', values: weights, statistics: {} };
      return writeTask(learner.name, meta, { ...kept, ...(classes ? { classes } : {}) });
    },
  });
}

/**
 * The adapted network of a task that was saved.
 *
 * @throws DataError for what is no such task, was altered, or belongs to another learner or other meta-parameters
 */
export async function loadTask({ learner, adapter, meta, source }: AdaptContext, saved: unknown): Promise<Adapted> {
  const task = await readTask(learner.name, meta, saved);
  expectTask(task, meta, learner, source);
  const { of, values, statistics, classes } = task;
  const weights = of === 'weights' ? values : { ...(await adapter.weights(meta, values)), ...statistics };
  const embedding = of === 'state' ? values['embedding'] : undefined;
  return adaptedNetwork(learner.base, source, {
    weights,
    recycle: () => undefined, // they stay with the network
    samples: Math.max(...Object.values(weights).map(({ shape }) => shape[0]!)),
    supportLosses: [],
    ...(embedding ? { embedding: meanOf(embedding) } : {}),
    ...(classes ? { classes } : {}),
    save: () => writeTask(learner.name, meta, task),
  });
}

/** More samples than these are no task that was adapted. */
const mostSamples = 10_000;

/** @throws DataError unless the values are those that the learner adapts, for the classes of the task */
function expectTask({ of, values, statistics, classes }: TaskValues, meta: HostParams, learner: Learner, source: TaskSource): void {
  const where = 'loadTask';
  const isClass = source.objective.target === 'class';
  if (isClass !== (classes !== undefined)) throw new DataError(`${where}: expected a task ${isClass ? 'with' : 'without'} classes, got one ${isClass ? 'without' : 'with'} them.`);
  expectWays(`${where}: classes`, learner, classes);
  const samples = Math.max(1, ...Object.values(values).map(({ shape }) => shape[0] ?? 1));
  if (samples > mostSamples) throw new DataError(`${where}: expected at most ${mostSamples} samples, got ${samples}.`);
  const shapes = taskShapes(learner, meta, source, samples, classes?.length);
  expectValues(values, shapes[of], `${where}: values`);
  expectValues(statistics, of === 'state' ? shapes.statistics : {}, `${where}: statistics`);
}

/** The next power of two: sets of any size then share a few compiled graphs. */
function paddedCount(count: number, usualCount: number): number {
  return count === usualCount ? count : 2 ** Math.ceil(Math.log2(count));
}

/** The mean over samples: `[samples, ...]` → `[...]`, flat. */
export function meanOf({ values, shape }: HostFloats): readonly number[] {
  const samples = shape[0]!;
  const size = values.length / samples;
  const each = (index: number) => Array.from({ length: samples }, (_, sample) => values[sample * size + index]!);
  return Array.from({ length: size }, (_, index) => meanInterval(each(index)).mean);
}

/** The task's loss, a mean over samples. @throws DivergenceError if it is not finite */
function expectFinite(losses: HostFloats, step: number): number {
  const value = meanOf(losses)[0]!; // one a sample
  if (!Number.isFinite(value))
    throw new DivergenceError(`adapt: step ${step}: expected a finite support loss, got ${value}; lower learningRate.`);
  return value;
}

/** A head with fixed columns serves as many classes as it has columns, no more and no less. */
function expectWays(where: string, { ways, base, name }: Learner, classes: readonly Label[] | undefined): void {
  const columns = base.outputShape.at(-1)!;
  if (classes && ways === undefined && classes.length !== columns)
    throw new DataError(
      `${where}: expected ${columns} classes, as many as the ${name} learner has columns, got ${classes.length}; a learner of any ways, such as maml(base) or protonet(base), takes any number.`,
    );
}
