import { describe, expect, test } from 'vitest';
import { compareRuns, type ComparedRun } from '../../src/evaluation/comparison';
import { comparisonPicture } from '../../src/report/comparison-picture';
import { formatComparison } from '../../src/report/format-comparison';
import { marksOf, wordsOf } from './svg';

const facts = { metaParameters: 1761, adaptedValues: 8, bytesPerTask: 32, adaptMs: 0.25 };
const run = (name: string, seed: string, values: readonly number[]): ComparedRun => ({
  ...{ name, seed, values, metric: 'mse', better: 'lower', steps: 1, seconds: 2, facts },
});
const one = compareRuns([run('MAML', '1', [1, 3]), run('CAVIA', '1', [1, 2])]);

describe('formatComparison', () => {
  test('a row per entry, differences to the first, and what the interval is over', () =>
    expect(formatComparison(one, { style: 'markdown', digits: 2 })).toBe(
      [
        '|       |         mse |    less MAML | meta-parameters | adapted values | bytes per task | ms to adapt |',
        '| :---- | ----------: | -----------: | --------------: | -------------: | -------------: | ----------: |',
        '| MAML  | 2.00 ± 1.96 |              |            1761 |              8 |             32 |        0.25 |',
        '| CAVIA | 1.50 ± 0.98 | -0.50 ± 0.98 |            1761 |              8 |             32 |        0.25 |',
        '',
        'mse, lower is better, on 2 unseen episodes, the same for all; ± is half of a 95 % interval over the episodes, of one seed.',
      ].join('\n'),
    ));

  test('against another entry; several seeds are said', () => {
    const two = compareRuns([...['1', '2'].map((seed) => run('MAML', seed, [1, 3])), ...['1', '2'].map((seed) => run('CAVIA', seed, [1, 2]))]);
    const text = formatComparison(two, { against: 'CAVIA' });
    expect(text).toContain('less CAVIA');
    expect(text).toContain("over the means of 2 seeds (Student's t).");
  });

  test('refuses a name that is not there', () =>
    expect(() => formatComparison(one, { against: 'Reptile' })).toThrow("formatComparison: against: expected one of MAML, CAVIA, got 'Reptile'."));
});

describe('comparisonPicture', () => {
  test('names every entry and says its number, and draws its interval', async () => {
    const svg = await comparisonPicture({ results: one.entries, metric: one.metric, title: 'Waves' });
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['Waves', 'MAML', 'CAVIA', '2.000 ± 1.960', '1.500 ± 0.980', 'mse']));
    expect(marksOf(svg)).toContain('low: 0.04; series: MAML; high: 3.96');
    expect(wordsOf(svg).join()).not.toContain('published');
  });

  test('in the order given, figures of others hollow and another shape', async () => {
    const results = [{ name: 'ours', mean: 1, interval: 0.1 }, { name: 'theirs', mean: 0.9, kind: 'published' as const }];
    const svg = await comparisonPicture({ results, metric: 'mse', scale: 'log' });
    const words = wordsOf(svg);
    expect(words.indexOf('ours')).toBeLessThan(words.indexOf('theirs'));
    expect(words).toContain('Filled: measured here. Hollow: published by others.');
    expect(words).toContain('0.900'); // no interval was published
    expect(svg).toMatch(/fill="#ffffff" stroke="#d55e00"/);
    expect(svg).not.toContain('NaN');
  });

  test('refuses nothing, two of a name, and what is not a number', async () => {
    const draw = (results: Parameters<typeof comparisonPicture>[0]['results']) => comparisonPicture({ results, metric: 'mse' });
    await expect(draw([])).rejects.toThrow('comparisonPicture: expected at least 1 result, got 0.');
    await expect(draw([{ name: 'a', mean: 1 }, { name: 'a', mean: 2 }])).rejects.toThrow("expected results of different names, got 'a' twice.");
    await expect(draw([{ name: 'a', mean: NaN }])).rejects.toThrow('comparisonPicture: a: expected finite numbers, got NaN ± 0.');
  });
});
