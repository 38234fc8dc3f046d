import { DataError, expectCount } from '../core/errors';

/** What happened to the predictions of one range of confidence. */
export interface CalibrationBin {
  /** The range is (from, to]. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean probability of the class that was predicted; 0 where there is none. */
  readonly confidence: number;
  /** How many of those were right; 0 where there is none. */
  readonly accuracy: number;
}

/** How far a classifier's probabilities are from how often it is right. */
export interface Calibration {
  /** Expected calibration error, in [0, 1]: 0 where of the predictions made with probability p a share of p is right. */
  readonly error: number;
  /** From low to high confidence, for a reliability diagram. */
  readonly bins: readonly CalibrationBin[];
}

export interface CalibrationOptions {
  /** Ranges of equal width that the confidences are sorted into. @default 15 */
  readonly bins?: number;
}

/**
 * Expected calibration error of predictions: one row of class probabilities each, as `predict` gives them, and the number
 * of the class that is right.
 *
 * Source: Guo et al., "On Calibration of Modern Neural Networks", 2017 (arXiv 1706.04599), equation 3.
 *
 * @example
 * calibration([[0.9, 0.1], [0.7, 0.3]], [0, 1]).error // 0.4 = ½ · |1 − 0.9| + ½ · |0 − 0.7|
 *
 * @throws DataError for no predictions, a row that holds no probabilities, a label that is none of the classes
 */
export function calibration(
  probabilities: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  { bins = 15 }: CalibrationOptions = {},
): Calibration {
  if (probabilities.length !== labels.length)
    throw new DataError(`calibration: expected a label for each row of probabilities, got ${labels.length} for ${probabilities.length}.`);
  const predictions = probabilities.map((row, index) => {
    const values = Array.from(row);
    const sum = values.reduce((total, value) => total + value, 0);
    if (!values.every((value) => value >= 0) || Math.abs(sum - 1) > 1e-3)
      throw new DataError(`calibration: row ${index}: expected probabilities that sum to 1, got ${values.join(', ')}.`);
    const label = labels[index]!; // as many as rows
    if (!(Number.isInteger(label) && label >= 0 && label < values.length))
      throw new DataError(`calibration: label ${index}: expected a whole number from 0 to ${values.length - 1}, got ${label}.`);
    const confidence = Math.max(...values);
    return { confidence, isRight: values.indexOf(confidence) === label };
  });
  return calibrationOf(predictions, bins);
}

/** A prediction's probability, and whether it was right. */
export interface Confidence {
  readonly confidence: number;
  readonly isRight: boolean;
}

/** The same from what it needs to know of each prediction. */
export function calibrationOf(predictions: readonly Confidence[], bins: number): Calibration {
  expectCount('calibration: bins', bins);
  if (predictions.length === 0) throw new DataError('calibration: expected at least 1 prediction, got none.');
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { confidence, isRight } of predictions) {
    const sum = sums[Math.min(bins, Math.max(1, Math.ceil(confidence * bins))) - 1]!; // of 0 in the first, of rounding in the last
    sum.count++;
    sum.confidence += confidence;
    sum.right += Number(isRight);
  }
  const gaps = sums.reduce((total, { confidence, right }) => total + Math.abs(right - confidence), 0); // |Bₘ| · |acc − conf|
  return {
    error: gaps / predictions.length,
    bins: sums.map(({ count, confidence, right }, index) => ({
      from: index / bins,
      to: (index + 1) / bins,
      count,
      confidence: confidence / Math.max(count, 1),
      accuracy: right / Math.max(count, 1),
    })),
  };
}
