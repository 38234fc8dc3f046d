/** What one adaptation predicts, value by value. */
export interface Prediction {
  readonly values: ArrayLike<number>;
  /** How uncertain the prediction says it is; absent where it does not say. */
  readonly deviation?: ArrayLike<number> | undefined;
}

/** Mean and standard deviation of predictions together. */
export interface Mixture {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/**
 * Predictions of several adaptations, each as likely, as one. Variance = variance of their values (of n − 1) + mean of the
 * variances that they state: what the support set leaves open, and what no support set would settle.
 */
export function mixture(predictions: readonly Prediction[]): Mixture {
  const count = predictions.length;
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const mean = Array.from(predictions[0]!.values, (_, index) => average(predictions.map(({ values }) => values[index]!))); // at least one
  const deviation = mean.map((middle, index) => {
    const between = predictions.reduce((sum, { values }) => sum + (values[index]! - middle) ** 2, 0) / Math.max(count - 1, 1);
    const within = average(predictions.map((prediction) => (prediction.deviation?.[index] ?? 0) ** 2));
    return Math.sqrt(between + within);
  });
  return { mean, deviation };
}
