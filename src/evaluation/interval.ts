/** A mean with its 95 % interval: mean ± interval. */
export interface Mean {
  readonly mean: number;
  /** Half its width: 1.96 · standard deviation / √n; 0 for one value. */
  readonly interval: number;
  readonly count: number;
}

/** Mean and 95 % interval of independent values. */
export function meanInterval(values: ArrayLike<number>): Mean {
  const count = values.length;
  const numbers = Array.from(values);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, interval: 0, count };
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, interval: 1.96 * Math.sqrt(variance / count), count };
}

/**
 * Mean difference `ours − theirs` over the same episodes, with its 95 % interval. Much sharper than comparing two
 * means, because both methods share what makes an episode hard.
 *
 * @throws RangeError if the two do not have a value for each of the same episodes
 */
export function pairedDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): Mean {
  if (ours.length !== theirs.length)
    throw new RangeError(`pairedDifference: expected values for the same episodes, got ${ours.length} and ${theirs.length}.`);
  return meanInterval(Array.from(ours, (value, index) => value - theirs[index]!));
}
