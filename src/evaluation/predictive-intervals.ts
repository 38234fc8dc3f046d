import { DataError } from '../core/errors';

/** Where a target is expected, value by value. */
export interface Intervals {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface IntervalLevel {
  /** The share of targets that shall lie within, in (0, 1). @default 0.95 */
  readonly level?: number;
}

/**
 * mean ± z · deviation: the middle `level` of a normal distribution.
 *
 * @example
 * predictiveIntervals([1], [0.5]) // { low: [0.02], high: [1.98] }
 *
 * @throws RangeError for a level out of range; DataError for lists of different lengths
 */
export function predictiveIntervals(mean: ArrayLike<number>, deviation: ArrayLike<number>, { level = 0.95 }: IntervalLevel = {}): Intervals {
  if (mean.length !== deviation.length)
    throw new DataError(`predictiveIntervals: expected as many deviations as means, got ${deviation.length} and ${mean.length}.`);
  const factor = intervalFactor('predictiveIntervals', level);
  return {
    low: Array.from(mean, (value, index) => value - factor * deviation[index]!),
    high: Array.from(mean, (value, index) => value + factor * deviation[index]!),
  };
}

/**
 * The share of targets that lie within their intervals, in [0, 1]: about the level, where the intervals tell the truth.
 *
 * @throws DataError for no targets, or lists of different lengths
 */
export function coverage({ low, high }: Intervals, y: ArrayLike<number>): number {
  if (y.length === 0 || low.length !== y.length || high.length !== y.length)
    throw new DataError(`coverage: expected an interval for each of at least 1 target, got ${low.length} for ${y.length}.`);
  return Array.from(y).filter((value, index) => low[index]! <= value && value <= high[index]!).length / y.length;
}

/** How many standard deviations to either side hold a share `level` of a normal distribution: 1.96 for 0.95. */
export function intervalFactor(where: string, level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`${where}: level: expected a number above 0 and below 1, got ${level}.`);
  let [low, high] = [0, 40]; // beyond 40 the error function is 1 in float64
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle) < level) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * erf(z / √2), by its series.
 *
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, equation 26.2.11.
 */
function shareWithin(z: number): number {
  if (z > 8) return 1; // to float64
  let [term, sum] = [z, z];
  for (let n = 1; n < 200; n++) {
    term *= (z * z) / (2 * n + 1);
    sum += term;
  }
  return Math.min(1, Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2) * sum); // all terms above 0: no cancellation
}
