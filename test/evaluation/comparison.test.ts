import { describe, expect, test } from 'vitest';
import { compareRuns, type ComparedRun } from '../../src/evaluation/comparison';

const facts = { metaParameters: 3, adaptedValues: 2, bytesPerTask: 8, adaptMs: 1 };
const run = (name: string, seed: string, values: readonly number[], adaptMs = 1): ComparedRun => ({
  name,
  seed,
  metric: 'mse',
  better: 'lower',
  steps: 1,
  values,
  seconds: 2,
  facts: { ...facts, adaptMs },
});

describe('compareRuns', () => {
  test('with one seed the interval is over episodes', () => {
    const { entries, differences } = compareRuns([run('a', '1', [1, 2, 3, 4]), run('b', '1', [0.5, 1.5, 2.5, 3.5])]);
    // 1.96 · √(5/3/4) = 1.2652
    expect(entries[0]).toMatchObject({ name: 'a', mean: 2.5, interval: expect.closeTo(1.2652, 4), over: 'episodes' });
    expect(entries[0]).not.toHaveProperty('overSeeds');
    // each episode differs by 0.5: no spread, although the means have one
    expect(differences).toEqual([
      expect.objectContaining({ name: 'a', less: 'b', mean: 0.5, interval: 0 }),
      expect.objectContaining({ name: 'b', less: 'a', mean: -0.5, interval: 0 }),
    ]);
  });

  test('with several it is over the seeds’ means, by Student’s t; that over episodes is there too', () => {
    const { entries, differences, seeds } = compareRuns([
      run('a', '1', [1, 3]),
      run('a', '2', [3, 5]),
      run('b', '1', [1, 2]),
      run('b', '2', [1, 2]),
    ]);
    expect(seeds).toEqual(['1', '2']);
    // seeds' means 2 and 4: deviation √2, so 12.7062 · √2/√2; episodes' means 2 and 4: 1.96 · √2/√2
    expect(entries[0]).toMatchObject({ mean: 3, interval: expect.closeTo(12.7062, 4), over: 'seeds' });
    expect(entries[0]!.overEpisodes).toEqual({ mean: 3, interval: expect.closeTo(1.96, 6), count: 2 });
    // differences 0.5 and 2.5 by seed, 1 and 2 by episode
    const [difference] = differences;
    expect(difference).toMatchObject({ mean: 1.5, interval: expect.closeTo(12.7062, 4), over: 'seeds' });
    expect(difference!.overEpisodes).toEqual({ mean: 1.5, interval: expect.closeTo(0.98, 6), count: 2 });
  });

  test('the time to adapt is the median over seeds', () => {
    const { entries } = compareRuns([run('a', '1', [1], 9), run('a', '2', [1], 2), run('a', '3', [1], 3)]);
    expect(entries[0]!.facts.adaptMs).toBe(3);
  });

  test('refuses runs that cannot be paired', () => {
    expect(() => compareRuns([])).toThrow('compareRuns: expected at least 1 run, got 0.');
    expect(() => compareRuns([run('a', '1', [1, 2]), run('b', '1', [1])])).toThrow(
      'compareRuns: b, seed 1: expected mse on 2 episodes, as the first run has, got mse on 1.',
    );
    expect(() => compareRuns([run('a', '1', [1]), run('b', '2', [1])])).toThrow(
      'compareRuns: b: expected one run for each of the seeds 1 in this order, got 2.',
    );
    expect(() => compareRuns([run('a', '1', [1]), run('a', '1', [1])])).toThrow('got 1, 1.');
  });
});
