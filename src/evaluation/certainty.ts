import { expectCount } from '../core/errors';
import type { HostBatch, Objective } from '../core/task';
import { realExamples } from '../tasks/stack-episodes';
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
  /** Of the mean over samples, where there are several: accuracy for classes, mean squared error for values. */
  readonly together?: Mean & { readonly metric: 'accuracy' | 'mse' };
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
  const record = target === 'class' ? recordClasses(bins) : recordValues(level);
  if (samples > 1) return record;
  const alone = ({ together: _, ...rest }: Certainty): Certainty => rest; // the score says it
  return { ...record, report: () => alone(record.report()) };
}

function recordClasses(bins: number): CertaintyRecord {
  const seen: Confidence[] = [];
  const accuracies: number[] = [];
  return {
    add(query, predictions, count) {
      const { mean } = mixture(predictions);
      const ways = query.y.shape.at(-1)!;
      for (const examples of realExamples(query).slice(0, count)) {
        const own = examples.map((example): Confidence => {
          const row = mean.slice(example * ways, (example + 1) * ways);
          const confidence = Math.max(...row);
          return { confidence, isRight: query.y.values[example * ways + row.indexOf(confidence)] === 1 };
        });
        seen.push(...own);
        accuracies.push(meanInterval(own.map(({ isRight }) => Number(isRight))).mean);
      }
    },
    report: () => ({ calibration: calibrationOf(seen, bins), together: { metric: 'accuracy', ...meanInterval(accuracies) } }),
  };
}

function recordValues(level: number): CertaintyRecord {
  const shares: number[] = [];
  const deviations: number[] = [];
  const errors: number[] = [];
  return {
    add(query, predictions, count) {
      const { mean, deviation } = mixture(predictions);
      const size = query.y.values.length / query.weight.values.length;
      for (const examples of realExamples(query).slice(0, count)) {
        const places = examples.flatMap((example) => Array.from({ length: size }, (_, value) => example * size + value));
        const at = (values: ArrayLike<number>) => places.map((place) => values[place]!);
        shares.push(coverage(predictiveIntervals(at(mean), at(deviation), { level }), at(query.y.values)));
        deviations.push(meanInterval(at(deviation)).mean);
        errors.push(meanInterval(places.map((place) => (mean[place]! - query.y.values[place]!) ** 2)).mean);
      }
    },
    report: () => ({
      coverage: { ...meanInterval(shares), level, deviation: meanInterval(deviations).mean },
      together: { metric: 'mse', ...meanInterval(errors) },
    }),
  };
}
