import { expect, test } from 'vitest';
import { meanInterval, pairedDifference, unpairedDifference } from '../../src/evaluation/interval';

test('mean and half width of 1, 2, 3, 4', () => {
  // variance 5/3, so 1.96 · √(5/3/4) = 1.2652
  expect(meanInterval([1, 2, 3, 4])).toEqual({ mean: 2.5, interval: expect.closeTo(1.2652, 4), count: 4 });
});

test('one value has no interval', () => expect(meanInterval([7])).toEqual({ mean: 7, interval: 0, count: 1 }));

test('paired differences ignore what both share', () => {
  const { mean, interval } = pairedDifference([10.1, 20.1, 30.1], [10, 20, 30]);
  expect([mean, interval]).toEqual([expect.closeTo(0.1), expect.closeTo(0, 5)]);
});

test('refuses another quantile', () =>
  expect(() => meanInterval([1, 2, 3], { quantile: 'students' as 'student' })).toThrow("meanInterval: quantile: expected one of 'normal', 'student', got 'students'."));

test('refuses values of different episodes', () =>
  expect(() => pairedDifference([1], [1, 2])).toThrow('pairedDifference: expected values for the same episodes, got 1 and 2.'));

test('intervals of different episodes add as the sides of a right angle', () => {
  const gap = unpairedDifference({ mean: 0.9, interval: 0.03, count: 600 }, { mean: 0.8, interval: 0.04, count: 400 });
  expect(gap).toEqual({ mean: expect.closeTo(0.1), interval: expect.closeTo(0.05), count: 400 });
});

test.each([
  [2, 12.706],
  [3, 4.303],
  [11, 2.228],
  [12, 2.201],
  [31, 2.042],
  [101, 1.984],
])("Student's t for %i values is %f", (count, quantile) => {
  const values = Array.from({ length: count }, (_, index) => index);
  const ratio = meanInterval(values, { quantile: 'student' }).interval / meanInterval(values).interval;
  expect(ratio * 1.96).toBeCloseTo(quantile, 3);
});
