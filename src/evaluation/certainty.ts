import { expectCount } from '../core/errors';
import type { HostBatch, Objective } from '../core/task';
import { calibrationOf, type Calibration, type Confidence } from './calibration';
import { meanInterval, type Mean } from './interval';
import { mixture, type Prediction } from './mixture';
import { coverage, intervalFactor, predictiveIntervals } from './predictive-intervals';

export interface UncertaintyOptions {
  /** Adaptations of each episode, each with noise of its own, whose predictions are taken together. @default 1 */
  readonly samples?: number;
  /** Classes: ranges of confidence. @default 15 */
  readonly bins?: number;
  /** Values: the share of targets that intervals shall hold. @default 0.95 */
  readonly level?: number;
}

/** The share of targets within their predictive intervals, over episodes. */
export interface Coverage extends Mean {
  /** What the intervals claim. */
  readonly level: number;
  /** Mean standard deviation that was predicted: of two that cover alike, the smaller is the sharper. */
  readonly deviation: number;
}

/** Whether predictions are as sure as they should be. */
export interface Certainty {
  /** For classes. */
  readonly calibration?: Calibration;
  /** For values. */
  readonly coverage?: Coverage;
}

/** Collects predictions batch by batch. */
export interface CertaintyRecord {
  /** Each sample's predictions of the query sets, `[T, n, ...]` flat; the first `count` tasks are taken. */
  add(query: HostBatch['query'], predictions: readonly Prediction[], count: number): void;
  report(): Certainty;
}

/** @throws RangeError for an option out of range, or where nothing says how sure a value is */
export function recordCertainty({ target, deviation }: Objective, options: UncertaintyOptions): CertaintyRecord {
  const { samples = 1, bins = 15, level = 0.95 } = options;
  expectCount('evaluate: uncertainty.samples', samples);
  expectCount('evaluate: uncertainty.bins', bins);
  intervalFactor('evaluate: uncertainty', level); // throws
  if (target === 'value' && !deviation && samples === 1)
    throw new RangeError('evaluate: uncertainty: expected samples of at least 2, or tasks with an objective that predicts deviations, such as gaussian(), got neither.');
  return target === 'class' ? recordClasses(bins) : recordValues(level);
}

function recordClasses(bins: number): CertaintyRecord {
  const seen: Confidence[] = [];
  return {
    add(query, predictions, count) {
      const { mean } = mixture(predictions);
      const ways = query.y.shape.at(-1)!;
      for (const example of realExamples(query, count)) {
        const row = mean.slice(example * ways, (example + 1) * ways);
        const confidence = Math.max(...row);
        seen.push({ confidence, isRight: query.y.values[example * ways + row.indexOf(confidence)] === 1 });
      }
    },
    report: () => ({ calibration: calibrationOf(seen, bins) }),
  };
}

function recordValues(level: number): CertaintyRecord {
  const shares: number[] = [];
  const deviations: number[] = [];
  return {
    add(query, predictions, count) {
      const { mean, deviation } = mixture(predictions);
      const [, n] = query.weight.shape as [number, number];
      const size = query.y.values.length / query.weight.values.length;
      const byTask = Array.from({ length: count }, (): number[] => []);
      for (const example of realExamples(query, count))
        for (let value = 0; value < size; value++) byTask[Math.floor(example / n)]!.push(example * size + value);
      for (const places of byTask.filter(({ length }) => length > 0)) {
        const at = (values: ArrayLike<number>) => places.map((place) => values[place]!);
        shares.push(coverage(predictiveIntervals(at(mean), at(deviation), { level }), at(query.y.values)));
        deviations.push(meanInterval(at(deviation)).mean);
      }
    },
    report: () => ({ coverage: { ...meanInterval(shares), level, deviation: meanInterval(deviations).mean } }),
  };
}

/** Numbers of the examples that are not padding, of the first `count` tasks. */
function realExamples({ weight }: HostBatch['query'], count: number): readonly number[] {
  const [, n] = weight.shape as [number, number];
  return Array.from({ length: count * n }, (_, example) => example).filter((example) => weight.values[example] !== 0);
}
