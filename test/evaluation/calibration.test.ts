import { describe, expect, test } from 'vitest';
import { calibration } from '../../src/evaluation/calibration';
import { mixture } from '../../src/evaluation/mixture';
import { coverage, predictiveIntervals } from '../../src/evaluation/predictive-intervals';

describe('calibration', () => {
  // Confidences 0.9 (right), 0.9 (wrong), 0.6 (right), 0.55 (right).
  const probabilities = [[0.9, 0.1], [0.1, 0.9], [0.4, 0.6], [0.55, 0.45]];
  const labels = [0, 0, 1, 0];

  test('is the mean gap between confidence and accuracy, by bins', () => {
    const { error, bins } = calibration(probabilities, labels, { bins: 5 });
    // (0.8, 1]: 2 of accuracy 0.5 and confidence 0.9. (0.4, 0.6]: 2 of accuracy 1 and confidence 0.575.
    expect(error).toBeCloseTo((2 / 4) * 0.4 + (2 / 4) * 0.425, 10);
    expect(bins.map(({ count }) => count)).toEqual([0, 0, 2, 0, 2]);
    expect(bins[4]).toEqual({ from: 0.8, to: 1, count: 2, confidence: 0.9, accuracy: 0.5 });
    expect(bins[2]!.confidence).toBeCloseTo(0.575, 10);
    expect(bins[0]).toEqual({ from: 0, to: 0.2, count: 0, confidence: 0, accuracy: 0 });
  });

  test('in one bin is the gap between mean confidence and accuracy', () =>
    expect(calibration(probabilities, labels, { bins: 1 }).error).toBeCloseTo(Math.abs(0.75 - (0.9 + 0.9 + 0.6 + 0.55) / 4), 10));

  test('is 0 for certain predictions that are right and 1 for those that are wrong', () => {
    expect(calibration([[1, 0], [0, 1]], [0, 1]).error).toBe(0);
    expect(calibration([[1, 0], [0, 1]], [1, 0]).error).toBe(1);
  });

  test('takes typed arrays and any number of classes', () =>
    expect(calibration([Float32Array.of(0.25, 0.25, 0.5)], Int32Array.of(2), { bins: 10 }).error).toBeCloseTo(0.5, 6));

  test('refuses what are no probabilities or no labels', () => {
    expect(() => calibration([], [])).toThrow('calibration: expected at least 1 prediction, got none.');
    expect(() => calibration([[0.5, 0.5]], [0, 1])).toThrow('calibration: expected a label for each row of probabilities, got 2 for 1.');
    expect(() => calibration([[2, -1]], [0])).toThrow('calibration: row 0: expected probabilities that sum to 1, got 2, -1.');
    expect(() => calibration([[0.5, 0.2]], [0])).toThrow('calibration: row 0: expected probabilities that sum to 1');
    expect(() => calibration([[0.5, 0.5]], [2])).toThrow('calibration: label 0: expected a whole number from 0 to 1, got 2.');
    expect(() => calibration([[0.5, 0.5]], [0], { bins: 0 })).toThrow('calibration: bins: expected a whole number of at least 1, got 0.');
  });
});

describe('predictive intervals', () => {
  test.each([[0.5, 0.674490], [0.6827, 1.000022], [0.95, 1.959964], [0.99, 2.575829], [0.999999, 4.891638]])(
    'of level %f reach %f standard deviations to either side',
    (level, factor) => {
      const { low, high } = predictiveIntervals([10], [1], { level });
      expect(high[0]! - 10).toBeCloseTo(factor, 4);
      expect(10 - low[0]!).toBeCloseTo(factor, 4);
    },
  );

  test('cover the targets that lie within, edges included', () =>
    expect(coverage({ low: [0, 0, 0, 0], high: [1, 1, 1, 1] }, [0.5, 1, 1.1, -2])).toBe(0.5));

  test('refuse lists that do not fit and levels out of range', () => {
    expect(() => predictiveIntervals([1, 2], [1])).toThrow('predictiveIntervals: expected as many deviations as means, got 1 and 2.');
    for (const level of [0, 1, NaN]) expect(() => predictiveIntervals([1], [1], { level })).toThrow('level: expected a number above 0 and below 1');
    expect(() => coverage({ low: [], high: [] }, [])).toThrow('coverage: expected an interval for each of at least 1 target, got 0 for 0.');
  });
});

test('a mixture has the mean of its parts, and the variance between them beside that within', () => {
  // Means 1 and 3: variance 2 between; deviations 1 and 3: mean variance 5 within.
  expect(mixture([{ values: [1], deviation: [1] }, { values: [3], deviation: [3] }])).toEqual({ mean: [2], deviation: [Math.sqrt(7)] });
  expect(mixture([{ values: [1] }, { values: [3] }])).toEqual({ mean: [2], deviation: [Math.SQRT2] });
  expect(mixture([{ values: [4], deviation: [0.5] }])).toEqual({ mean: [4], deviation: [0.5] });
});
