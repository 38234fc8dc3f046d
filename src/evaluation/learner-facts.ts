import * as tf from '@tensorflow/tfjs';
import { copyToHost, readHost, type HostValues } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import { seededNoise } from '../core/noise';
import { countParams, filterRecord, type Params } from '../core/params';
import { createRng } from '../core/rng';
import type { TaskSource } from '../core/task';
import type { RuntimeName } from '../engine/compile';
import { adapter } from '../meta/adapter';
import { adaptedWeights, innerLoop, type InnerOptions } from '../meta/inner-loop';
import { disposeBatch, sampleBatch, sampleOnHost } from '../tasks/stack-episodes';

/** What a learner costs, beside how well it does. */
export interface LearnerFacts {
  /** Values learned across tasks. */
  readonly metaParameters: number;
  /** Values of a task's state that the inner steps change. */
  readonly adaptedValues: number;
  /**
   * What must be kept of a task, beside the meta-parameters, to predict again: its state or its own base weights,
   * whichever is less, and batch norm's statistics where they are measured on the support set. Four bytes a value.
   */
  readonly bytesPerTask: number;
  /** Milliseconds to adapt to one task: the median of 21 times, after compilation. */
  readonly adaptMs: number;
}

/** Measures a learner on two episodes of a source: what differs between the two is the task's own. */
export async function learnerFacts(
  learner: Learner,
  meta: Params,
  source: TaskSource,
  inner: InnerOptions,
  { runtime }: { readonly runtime?: RuntimeName } = {},
): Promise<LearnerFacts> {
  return {
    metaParameters: countParams(learner.specs),
    ...countTaskValues(learner, meta, source, inner),
    adaptMs: await timeAdaptation(learner, meta, source, inner, runtime),
  };
}

function countTaskValues(
  learner: Learner,
  meta: Params,
  source: TaskSource,
  inner: InnerOptions,
): Pick<LearnerFacts, 'adaptedValues' | 'bytesPerTask'> {
  const { query, ...inputs } = sampleBatch(source, 'facts', 0, 2);
  try {
    return tf.tidy(() => {
      const task = { ...inputs, noise: seededNoise(createRng('facts')) };
      const at = innerLoop(learner, meta, task, { ...inner, order: 'first' }).at(-1)!; // the start at least
      const names = Object.keys(at.state);
      const moving = new Set(Array.from({ length: inner.steps }, (_, step) => learner.adapts?.(step) ?? names).flat());
      const weights = adaptedWeights(learner, meta, at);
      const fromState = learner.weights(meta, at.state);
      const statistics = filterRecord(weights, (name) => !(name in fromState));
      const kept = Math.min(countOwn(at.state) + countOwn(statistics), countOwn(weights));
      return { adaptedValues: countValues(filterRecord(at.state, (name) => moving.has(name))), bytesPerTask: 4 * kept };
    });
  } finally {
    disposeBatch({ query, ...inputs });
  }
}

/** Values a task, of entries `[T, ...]`. */
function countValues(params: Params): number {
  return Object.values(params).reduce((sum, { size, shape }) => sum + size / shape[0], 0); // every entry has a task axis
}

/** Values of the entries that the two tasks do not share. */
function countOwn(params: Params): number {
  return countValues(filterRecord(params, (_name, value) => value.shape[0] === 2 && differs(readHost(value).values)));
}

/** Whether the two halves differ by more than rounding. */
function differs(values: HostValues): boolean {
  const other = values.subarray(values.length / 2);
  return other.some((value, index) => Math.abs(value - values[index]!) > 1e-6 * Math.max(Math.abs(value), Math.abs(values[index]!)));
}

async function timeAdaptation(
  learner: Learner,
  meta: Params,
  source: TaskSource,
  inner: InnerOptions,
  runtime: RuntimeName | undefined,
): Promise<number> {
  const adapting = adapter(learner, source.objective, inner, runtime);
  const onHost = copyToHost(meta);
  const { query: _query, ...task } = sampleOnHost(source, 'facts', 0, 1);
  const adapt = async () => (await adapting.adapt(onHost, task, inner, createRng('facts'))).recycle();
  try {
    for (let turn = 0; turn < 3; turn++) await adapt(); // compiles, and warms up
    const times: number[] = [];
    for (let turn = 0; turn < 21; turn++) {
      const began = performance.now();
      await adapt();
      times.push(performance.now() - began);
    }
    return times.sort((one, other) => one - other)[10]!; // the middle one
  } finally {
    await adapting.dispose();
  }
}
