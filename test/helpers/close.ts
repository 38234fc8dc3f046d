import { expect } from 'vitest';

/** Alike to four digits, or to 1e-4 where a number is below 1. */
export function expectAlike(found: ArrayLike<number>, expected: ArrayLike<number>, what = 'value'): void {
  expect(found.length, `${what}: how many`).toBe(expected.length);
  Array.from(expected).forEach((value, index) => {
    const difference = Math.abs(found[index]! - value);
    expect(difference, `${what} ${index}: expected ${value}, got ${found[index]}`).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(value)));
  });
}
