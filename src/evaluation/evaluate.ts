import { breather } from '../core/breather';
import { DataError, DivergenceError, expectCount } from '../core/errors';
import { copyToHost, type HostParams } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import type { Params } from '../core/params';
import { createRng } from '../core/rng';
import { sizeOf } from '../core/shape';
import type { HostBatch, TaskSource } from '../core/task';
import type { RuntimeName } from '../engine/compile';
import { adapter, type Adapter } from '../meta/adapter';
import type { InnerOptions } from '../meta/inner-loop';
import { innerPoints } from '../meta/inner-points';
import { realExamples, sampleOnHost } from '../tasks/stack-episodes';
import { recordCertainty, type Certainty, type CertaintyRecord, type UncertaintyOptions } from './certainty';
import { meanInterval, type Mean } from './interval';
import type { Prediction } from './mixture';
import { readEmbeddings, type TaskEmbeddings } from './task-embeddings';

export interface EvaluateOptions {
  /** Episodes to adapt to, each from scratch. @default 600 */
  readonly episodes?: number;
  /** Numbers of inner steps after which to score; 0 is no adaptation. @default [0, …, as many as in training] */
  readonly steps?: readonly number[];
  /** Which episodes: the same seed gives every learner the same ones. @default 'evaluation' */
  readonly seed?: string;
  /**
   * Episodes adapted at once: changes time and memory, and numbers by rounding alone (but for networks that draw noise). @default 25, fewer
   * where their inputs are more than 2 million values
   */
  readonly batchSize?: number;
  /**
   * Measures how far predictions are as sure as they should be: calibration for classes, coverage for values. Several
   * `samples` are for learners that draw noise: the metric is that of the first, `together` that of their mean. @default not measured
   */
  readonly uncertainty?: UncertaintyOptions;
  /** What is kept of each episode beside its score, after each number of steps. @default nothing */
  readonly keep?: 'embeddings';
  /** What runs the inner loop. @default as `compile` chooses */
  readonly runtime?: RuntimeName;
}

/** The metric on the query sets after a number of inner steps, and what `uncertainty` asked for. */
export interface Score extends Mean, Certainty {
  readonly steps: number;
  /** One value per episode, in the order of the stream. */
  readonly values: readonly number[];
  /** Those of each episode, with `keep: 'embeddings'`. */
  readonly embeddings?: readonly TaskEmbeddings[];
}

export interface Evaluation {
  readonly learner: string;
  /** Of the source's objective: `accuracy` in [0, 1], `mse`, … */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** The stream of episodes: episode `index` is `source.sample(seed, index)`. */
  readonly seed: string;
  readonly scores: readonly Score[];
}

/**
 * Adapts to unseen episodes and scores the query sets after each number of steps. Queries are predicted with what
 * the support set gave, batch norm's statistics too (unless its policy is `batch`): non-transductive.
 *
 * @throws RangeError for an option out of range; DataError for an episode without queries, which has no score; DivergenceError for
 * outputs that are not finite
 */
export async function evaluateLearner(
  learner: Learner,
  meta: Params,
  source: TaskSource,
  inner: InnerOptions,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const adapting = adapter(learner, source.objective, inner, options.runtime);
  const onHost = copyToHost(meta);
  try {
    return await evaluateAdapter(adapting, learner.name, onHost, source, inner, options);
  } finally {
    await adapting.dispose();
  }
}

/**
 * The same with an adapter that is there already, and meta-parameters on the host that stay as they are meanwhile. Inner steps
 * follow the adapter's loss; queries are scored by the source's own objective, which may be another.
 */
export async function evaluateAdapter(
  adapting: Adapter,
  learner: string,
  meta: HostParams,
  source: TaskSource,
  inner: InnerOptions,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { episodes = 600, steps = upTo(inner.steps), seed = 'evaluation', uncertainty, keep } = options;
  expectEvaluateOptions(options, source);
  const { batchSize = usualBatchSize(source, seed) } = options;
  const breathe = breather();
  const { objective } = source;
  const values = new Map(steps.map((count) => [count, [] as number[]]));
  const kept = new Map(keep ? steps.map((count) => [count, [] as TaskEmbeddings[]]) : []);
  const records = new Map<number, CertaintyRecord>();
  if (uncertainty) for (const count of values.keys()) records.set(count, recordCertainty(objective, uncertainty));
  const together = Math.min(batchSize, episodes);
  let batch: HostBatch | undefined;
  for (let first = 0; first < episodes; first += together) {
    batch = sampleOnHost(source, seed, first, together, batch); // the last may be too many: another size would be another graph
    const counted = Math.min(together, episodes - first);
    expectQueries(batch.query, first, counted);
    const predictions = new Map([...records.keys()].map((count) => [count, [] as Prediction[]]));
    for (let sample = 0; sample < (uncertainty?.samples ?? 1); sample++) {
      const rng = createRng(`${seed}/noise/${first}${sample > 0 ? `/${sample}` : ''}`);
      for await (const { at } of innerPoints(adapting, meta, batch, { steps: values.keys(), learningRate: inner.learningRate }, rng)) {
        const { metric, isFinite } = await adapting.score(meta, batch, at, rng, objective);
        expectFinite(isFinite.values, at.step);
        if (sample === 0) {
          values.get(at.step)!.push(...metric.values.subarray(0, counted));
          kept.get(at.step)?.push(...readEmbeddings(at.state, counted));
        }
        predictions.get(at.step)?.push(onHost(await adapting.predict(meta, batch, at, rng.fork('predict'), objective)));
      }
      await breathe();
    }
    for (const [count, record] of records) record.add(batch.query, predictions.get(count)!, counted);
  }
  const { name, better } = objective.metric;
  const scores = [...values].map(([count, collected]) => {
    const embeddings = kept.get(count);
    return { steps: count, values: collected, ...(embeddings ? { embeddings } : {}), ...meanInterval(collected), ...records.get(count)?.report() };
  });
  return { learner, metric: name, better, seed, scores };
}

/** @throws RangeError for an option out of range, or uncertainty that nothing says */
export function expectEvaluateOptions({ episodes = 1, batchSize = 1, steps = [0], uncertainty }: EvaluateOptions, { objective }: TaskSource): void {
  expectCount('evaluate: episodes', episodes);
  expectCount('evaluate: batchSize', batchSize);
  if (steps.length === 0) throw new RangeError('evaluate: steps: expected at least one number of steps, got none.');
  for (const count of steps) expectCount('evaluate: steps', count, 0);
  if (uncertainty) recordCertainty(objective, uncertainty); // throws
}

/** What a network makes of a batch takes many times the room of its inputs. */
function usualBatchSize(source: TaskSource, seed: string): number {
  const { support, query } = source.sample(seed, 0);
  const most = Math.floor(2_000_000 / ((support.count + query.count) * sizeOf(source.inputShape)));
  return Math.min(25, Math.max(1, most));
}

function expectQueries(query: HostBatch['query'], first: number, counted: number): void {
  const empty = realExamples(query).slice(0, counted).findIndex(({ length }) => length === 0);
  if (empty >= 0) throw new DataError(`evaluate: episode ${first + empty}: expected at least 1 query to score, got none.`);
}

function onHost({ values, deviation }: Awaited<ReturnType<Adapter['predict']>>): Prediction {
  return { values: values.values, deviation: deviation?.values };
}

/** @throws DivergenceError if an output is not finite: an accuracy would hide it */
function expectFinite(isFinite: Float32Array, step: number): void {
  if (!isFinite.every((value) => value === 1))
    throw new DivergenceError(`evaluate: after ${step} steps: expected finite outputs, got NaN or infinity; lower innerLearningRate, or take fewer steps.`);
}

function upTo(steps: number): readonly number[] {
  return Array.from({ length: steps + 1 }, (_, step) => step);
}
