import { expect, test } from 'vitest';
import { usualScale, valueAxis } from '../../src/report/value-axis';

test('an axis holds more points than a call has room for', () => {
  const rows = Array.from({ length: 300_000 }, (_, step) => ({ series: 'loss', step, value: step + 1, low: step, high: step + 2 }));
  const { domain } = valueAxis('test', 'loss', rows, 'linear');
  expect(domain[0]).toBe(0);
  expect(domain[1]).toBeCloseTo(300_001 * 1.04);
  expect(usualScale(rows)).toBe('log');
});
