import { expectOneOf } from '../core/errors';

/** A mean with its 95 % interval: mean ± interval. */
export interface Mean {
  readonly mean: number;
  /** Half its width: quantile · standard deviation / √n; 0 for one value. */
  readonly interval: number;
  readonly count: number;
}

export interface IntervalOptions {
  /** `'normal'`: 1.96, as papers do over episodes. `'student'`: Student's t, for the few values that seeds give. @default 'normal' */
  readonly quantile?: 'normal' | 'student';
}

/** Mean and 95 % interval of independent values. @throws RangeError for another quantile */
export function meanInterval(values: ArrayLike<number>, { quantile = 'normal' }: IntervalOptions = {}): Mean {
  expectOneOf('meanInterval: quantile', quantile, ['normal', 'student']);
  const count = values.length;
  const numbers = Array.from(values);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, interval: 0, count };
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const factor = quantile === 'student' ? studentQuantile(count - 1) : 1.96;
  return { mean, interval: factor * Math.sqrt(variance / count), count };
}

/**
 * Mean difference `ours − theirs` over the same episodes, with its 95 % interval. Much sharper than comparing two
 * means, because both methods share what makes an episode hard.
 *
 * @throws RangeError if the two do not have a value for each of the same episodes
 */
export function pairedDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>, options: IntervalOptions = {}): Mean {
  if (ours.length !== theirs.length)
    throw new RangeError(`pairedDifference: expected values for the same episodes, got ${ours.length} and ${theirs.length}.`);
  return meanInterval(Array.from(ours, (value, index) => value - theirs[index]!), options);
}

/**
 * Difference `ours − theirs` of two means over different episodes, with its 95 % interval: the gap between tasks that were
 * seen and tasks that were not, say. √(interval² + interval²), as the two vary on their own.
 *
 * @example
 * unpairedDifference({ mean: 0.9, interval: 0.03, count: 600 }, { mean: 0.8, interval: 0.04, count: 600 }) // 0.1 ± 0.05
 */
export function unpairedDifference(ours: Mean, theirs: Mean): Mean {
  return { mean: ours.mean - theirs.mean, interval: Math.hypot(ours.interval, theirs.interval), count: Math.min(ours.count, theirs.count) };
}

/** For 1 to 10 degrees of freedom, where the expansion below is not good enough. */
const fewDegrees = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];

/**
 * What 95 % of Student's t are within, to four digits.
 *
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, equation 26.7.5.
 */
function studentQuantile(degrees: number): number {
  const z = 1.959964;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return fewDegrees[degrees - 1] ?? z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3;
}
