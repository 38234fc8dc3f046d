import { expect, test } from 'vitest';
import { cosine, toOrderSchedule, toSchedule, warmup } from '../../src/optim/schedule';

test('cosine goes from the rate over its middle to the end', () => {
  const rate = cosine(1, 100, { end: 0.2 });
  expect([rate(0), rate(50), rate(100), rate(500)]).toEqual([1, expect.closeTo(0.6), expect.closeTo(0.2), expect.closeTo(0.2)]);
});

test('warmup rises linearly', () => {
  const rate = warmup(0.4, 4);
  expect([0, 1, 2, 3, 4].map((step) => rate(step))).toEqual([0.1, 0.2, expect.closeTo(0.3), 0.4, 0.4]);
});

test('a number is a constant schedule, and must be positive', () => {
  expect(toSchedule('rate', 0.1)(1000)).toBe(0.1);
  expect(() => toSchedule('rate', -1)).toThrow('rate: expected a finite number above 0, got -1.');
});

test('an order is one and the same, or first for so many steps', () => {
  const annealed = toOrderSchedule('order', { firstFor: 2 });
  expect([0, 1, 2, 3, Infinity].map((step) => annealed(step))).toEqual(['first', 'first', 'second', 'second', 'second']);
  expect(toOrderSchedule('order', 'first')(1000)).toBe('first');
  expect(() => toOrderSchedule('order', { firstFor: 0 })).toThrow('order.firstFor: expected a whole number of at least 1, got 0.');
});
