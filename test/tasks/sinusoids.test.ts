import { expect, test } from 'vitest';
import { sinusoid, sinusoids } from '../../src/tasks/sinusoids';
import { testTaskSource } from '../contracts/task-source';

testTaskSource('sinusoids', () => sinusoids({ shots: 5, queryShots: 7 }));

test('amplitude, phase and inputs stay in the ranges of the paper', () => {
  const episodes = Array.from({ length: 300 }, (_, index) => sinusoids().sample('ranges', index));
  const amplitudes = episodes.map(({ about }) => about!.amplitude as number);
  const phases = episodes.map(({ about }) => about!.phase as number);
  const inputs = episodes.flatMap(({ support, query }) => [...support.x, ...query.x]);
  for (const [drawn, low, high] of [[amplitudes, 0.1, 5], [phases, 0, Math.PI], [inputs, -5, 5]] as const) {
    const margin = (high - low) / 20;
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(low);
    expect(Math.min(...drawn)).toBeLessThan(low + margin);
    expect(Math.max(...drawn)).toBeLessThan(high);
    expect(Math.max(...drawn)).toBeGreaterThan(high - margin);
  }
});

test('targets lie on the function that `about` names', () => {
  const { support, query, about } = sinusoids({ shots: 3 }).sample('truth', 0);
  const truth = sinusoid(about!.amplitude as number, about!.phase as number);
  for (const { x, y } of [support, query]) x.forEach((value, i) => expect(y[i]).toBeCloseTo(truth(value), 5));
  expect(sinusoid(2, 0)(Math.PI / 2)).toBe(2);
});

test('there are as many query examples as shots, unless said otherwise', () => {
  expect(sinusoids({ shots: 4 }).sample('count', 0).query.count).toBe(4);
  expect(sinusoids({ shots: 4, queryShots: 9 }).sample('count', 0).query.count).toBe(9);
});

test('options out of range are refused', () => {
  expect(() => sinusoids({ shots: 0 })).toThrow('sinusoids: shots: expected a whole number of at least 1, got 0.');
  expect(() => sinusoids({ phase: [1, 0] })).toThrow('sinusoids: phase: expected [low, high] with low at most high, got [1, 0].');
});
