import { breather } from '../core/breather';
import { DivergenceError, expectCount, expectPositive, expectShare } from '../core/errors';
import type { HostFloats, HostParams } from '../core/host-tensor';
import { createRng } from '../core/rng';
import type { HostBatch, TaskSource } from '../core/task';
import type { Adapter } from '../meta/adapter';
import { innerPoints } from '../meta/inner-points';
import { decodeBoxes, gridOn, type Grid } from '../tasks/box-targets';
import { realExamples, sampleOnHost } from '../tasks/stack-episodes';
import { averagePrecision, type AveragePrecisionOptions } from './average-precision';
import { meanInterval, type Mean } from './interval';
import { readDetections, suppressOverlaps, type ReadDetectionsOptions } from './suppress-overlaps';

export interface EvaluateDetectionOptions extends ReadDetectionsOptions, AveragePrecisionOptions {
  /** Pixels of a cell of the detector's grid, each way. */
  readonly stride: number;
  /** Episodes to adapt to, each from scratch. @default 100 */
  readonly episodes?: number;
  /** Numbers of inner steps after which to score; 0 is no adaptation. */
  readonly steps: readonly number[];
  /** Of the inner steps. */
  readonly learningRate: number;
  /** Which episodes: the same seed gives every learner the same ones. @default 'evaluation' */
  readonly seed?: string;
  /** Episodes adapted at once. @default 10 */
  readonly batchSize?: number;
}

/** Average precision after a number of inner steps: mean over episodes, ± half of a 95 % interval. */
export interface DetectionScore extends Mean {
  readonly steps: number;
  /** One value per episode, in the order of the stream. */
  readonly values: readonly number[];
}

/**
 * Adapts a detector of one class to unseen episodes and scores it on their query images: the average precision of an episode's
 * class over its query images, and the mean of that over episodes. An episode whose queries show nothing to find has the value NaN
 * and does not count. What is to be found is read out of the targets: of boxes with their centres in one cell of the grid the smaller
 * counts alone. The adapter stays the caller's: another rate, or another source of the same shapes, compiles nothing anew.
 *
 * @throws RangeError for an option out of range, or tasks of several classes; DivergenceError for outputs that are not finite
 */
export async function evaluateDetection(adapting: Adapter, meta: HostParams, source: TaskSource, options: EvaluateDetectionOptions): Promise<readonly DetectionScore[]> {
  const { episodes = 100, steps, learningRate, seed = 'evaluation', batchSize = 10, stride, leastScore = 0 } = options;
  expectCount('evaluateDetection: episodes', episodes);
  expectCount('evaluateDetection: batchSize', batchSize);
  expectCount('evaluateDetection: stride', stride);
  expectPositive('evaluateDetection: learningRate', learningRate);
  expectShare('evaluateDetection: leastScore', leastScore);
  suppressOverlaps([], options); // throws for options out of range, before any work
  averagePrecision([], options);
  if (steps.length === 0) throw new RangeError('evaluateDetection: steps: expected at least one number of steps, got none.');
  for (const count of steps) expectCount('evaluateDetection: steps', count, 0);
  const outputs = source.objective.outputShape?.(source.targetShape).at(-1);
  if (outputs !== 5) throw new RangeError(`evaluateDetection: expected tasks of detection with 1 class, whose cells have 5 outputs, got ${outputs ?? 'others'}.`);
  const grid = gridOn(source.inputShape, stride);
  const collected = new Map(steps.map((count) => [count, [] as number[]]));
  const together = Math.min(batchSize, episodes);
  const breathe = breather();
  let batch: HostBatch | undefined;
  for (let first = 0; first < episodes; first += together) {
    batch = sampleOnHost(source, seed, first, together, batch);
    const rng = createRng(`${seed}/noise/${first}`);
    for await (const { at } of innerPoints(adapting, meta, batch, { steps: collected.keys(), learningRate }, rng)) {
      const { values: readout } = await adapting.predict(meta, batch, at, rng);
      if (!readout.values.every((value) => Number.isFinite(value)))
        throw new DivergenceError(`evaluateDetection: after ${at.step} steps: expected finite outputs, got NaN or infinity; lower learningRate.`);
      const precisions = precisionsOf(grid, batch.query, readout, options);
      collected.get(at.step)!.push(...precisions.slice(0, episodes - first)); // each is asked for
    }
    await breathe();
  }
  return [...collected].map(([count, values]) => ({ steps: count, values, ...meanInterval(values.filter((value) => !Number.isNaN(value))) }));
}

/** Of each task, over its query images without padding; NaN where they show nothing to find. */
function precisionsOf(grid: Grid, query: HostBatch['query'], readout: HostFloats, options: EvaluateDetectionOptions): readonly number[] {
  const [tasks, n, ...shape] = readout.shape as [number, number, ...number[]];
  const imageOf = ({ values }: HostFloats, image: number) => values.subarray((image * values.length) / (tasks * n), ((image + 1) * values.length) / (tasks * n));
  return realExamples(query).map((numbers) => {
    const images = numbers.map((image) => ({
      truth: decodeBoxes(grid, imageOf(query.y, image)).map(({ box }) => box),
      found: readDetections(imageOf(readout, image), shape, options),
    }));
    return images.every(({ truth }) => truth.length === 0) ? NaN : averagePrecision(images, options);
  });
}
