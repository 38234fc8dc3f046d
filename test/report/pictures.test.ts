import { describe, expect, test } from 'vitest';
import { adaptationPicture } from '../../src/report/adaptation-picture';
import { renderChart } from '../../src/report/chart';
import { learningCurvePicture } from '../../src/report/learning-curve-picture';
import { loadPackage, picturePackages } from '../../src/core/load-package';
import { stepsPicture } from '../../src/report/steps-picture';
import { tradeOffPicture } from '../../src/report/trade-off-picture';
import { marksOf, wordsOf } from './svg';

const line = { x: [0, 1, 2], y: [0, 1, 4] };
const task = (title: string) => ({
  title,
  truth: line,
  support: { x: [1, 2], y: [1, 4] },
  before: { x: [0, 1, 2], y: [2, 2, 2] },
  after: { x: Float32Array.of(0, 1, 2), y: Float32Array.of(0, 1, 3.5) },
  metricBefore: 2.6667,
  metricAfter: 0.08333,
});
const falling = [
  { step: 0, value: 3, interval: 0.2 },
  { step: 1, value: 1, interval: 0.1 },
  { step: 5, value: 0.25, interval: 0.05 },
];
const flat = [0, 1, 5].map((step) => ({ step, value: 3.1 }));

describe('renderChart', () => {
  test('draws without a browser, in the library’s font, and is the same twice', async () => {
    const chart = { mark: 'bar', data: { values: [{ a: 1 }] }, encoding: { x: { field: 'a', type: 'quantitative' } } };
    const svg = await renderChart(chart);
    expect(svg).toMatch(/^<svg [^]*DejaVu Sans, Arial, sans-serif[^]*<\/svg>$/);
    expect(await renderChart(chart)).toBe(svg);
  });

  test('what Vega-Lite complains about is an error', () =>
    expect(
      renderChart({
        mark: 'point',
        data: { values: [] },
        encoding: { x: { field: 'a', type: 'quantitative', scale: { type: 'log', zero: true } } },
      }),
    ).rejects.toThrow('renderChart: expected a valid Vega-Lite chart, got "'));

  test('a missing package is an error with the command that installs it', () =>
    expect(loadPackage('renderChart', 'hypermeta-no-such-package', picturePackages)).rejects.toThrow(
      /^renderChart: expected the package hypermeta-no-such-package, got ".+"; install it with `npm install vega vega-lite @resvg\/resvg-js`\.$/,
    ));
});

describe('adaptationPicture', () => {
  test('has a panel per task with its title and metric, and a legend of all that is drawn', async () => {
    const words = wordsOf(await adaptationPicture({ tasks: [task('one'), task('two')], title: 'Two tasks' }));
    for (const expected of ['Two tasks', 'one', 'two', 'true function', 'before adaptation', 'after adaptation', 'support examples'])
      expect(words).toContain(expected);
    expect(words.filter((each) => each === 'MSE 2.67 → 0.0833')).toHaveLength(2);
  });

  test('before and after differ by dash, and both from the truth by width', async () => {
    const svg = await adaptationPicture({ tasks: [task('one')] });
    const look = (series: string) =>
      new RegExp(`series: ${series}"[^>]*stroke-width="([^"]*)" stroke-dasharray="([^"]*)"`).exec(svg)?.slice(1);
    expect(['true function', 'before adaptation', 'after adaptation'].map(look)).toEqual([
      ['5', '1,0'],
      ['1.8', '4,3'],
      ['1.8', '1,0'],
    ]);
  });

  test('without a true function draws the query examples, and names what is drawn', async () => {
    const { truth: _truth, ...known } = task('one');
    const svg = await adaptationPicture({ tasks: [{ ...known, query: { x: [0, 1.5], y: [0, 2] } }], columns: 1 });
    expect(wordsOf(svg)).toContain('query examples');
    expect(wordsOf(svg)).not.toContain('true function');
    expect(marksOf(svg)).toContain('x: 1.5; y: 2; kind: query examples');
  });

  test('draws every support example', async () => {
    const marks = marksOf(await adaptationPicture({ tasks: [task('one')] }));
    expect(marks.filter((mark) => mark.endsWith('kind: support examples'))).toEqual([
      'x: 1; y: 1; kind: support examples',
      'x: 2; y: 4; kind: support examples',
    ]);
  });

  test('a prediction that diverged does not flatten the others', async () => {
    const wild = { ...task('wild'), before: { x: [0, 1, 2], y: [0, 1e9, NaN] } };
    // The truth covers [0, 4]; its height again above it, and a little margin.
    expect(marksOf(await adaptationPicture({ tasks: [wild] }))).toContain('Y-axis for a linear scale with values from −1 to 9');
  });

  test('refuses no task, and a curve of unequal lengths', async () => {
    await expect(adaptationPicture({ tasks: [] })).rejects.toThrow('adaptationPicture: expected at least 1 task, got 0.');
    await expect(adaptationPicture({ tasks: [{ ...task('one'), before: { x: [1, 2], y: [1] } }] })).rejects.toThrow(
      "adaptationPicture: task 'one': before: expected as many y as x, got 2 x and 1 y.",
    );
  });
});

describe('learningCurvePicture and stepsPicture', () => {
  const series = [
    { name: 'hypernetwork', points: falling },
    { name: 'no <adaptation>', points: flat },
  ];

  test('single measurements stand behind a learning curve as dots, and the axis holds them', async () => {
    const curve = { series: [{ name: 'mean', points: falling }], metric: 'loss' };
    const dots = [{ step: 1, value: 7 }, { step: 2, value: 0.5 }];
    const [plain, dotted] = [await learningCurvePicture(curve), await learningCurvePicture({ ...curve, dots })];
    expect(dotted.match(/mark-symbol/g)!.length).toBe((plain.match(/mark-symbol/g) ?? []).length + 1);
    expect(marksOf(dotted).join()).toMatch(/Y-axis titled 'loss' .* to 7/);
  });

  test('every series is named beside the chart, and told apart without colour', async () => {
    for (const svg of [await learningCurvePicture({ series, metric: 'MSE' }), await stepsPicture({ series, metric: 'MSE' })]) {
      for (const expected of ['hypernetwork', 'no &lt;adaptation&gt;', 'MSE']) expect(wordsOf(svg)).toContain(expected);
      expect(svg).toContain('stroke-dasharray="7,3"');
    }
  });

  test('the steps that were measured are the ticks, and each has its interval', async () => {
    const svg = await stepsPicture({ series, metric: 'MSE' });
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['0', '1', '5', 'inner steps']));
    expect(marksOf(svg)).toContain('step: 1; low: 0.9; high: 1.1; series: hypernetwork');
  });

  test('names of lines that end together do not overlap', async () => {
    const near = ['one', 'two', 'three'].map((name, index) => ({ name, points: [{ step: 0, value: 1 }, { step: 9, value: 0.001 * index }] }));
    const svg = await learningCurvePicture({ series: near, metric: 'MSE' });
    const heights = near.map(({ name }) => Number(new RegExp(`translate\\([\\d.]+,([\\d.]+)\\)"[^>]*>${name}<`).exec(svg)?.[1]));
    const [one, two, three] = heights.map(Math.round) as [number, number, number];
    expect([one - two, two - three]).toEqual([18, 18]);
  });

  test('a log scale keeps an interval that reaches below 0, and refuses a value that does', async () => {
    const wide = [{ name: 'wide', points: [{ step: 0, value: 1, interval: 2 }, { step: 1, value: 0.1 }] }];
    expect(await learningCurvePicture({ series: wide, metric: 'MSE', scale: 'log' })).not.toContain('NaN');
    const below = [{ name: 'below', points: [{ step: 0, value: 0 }] }];
    await expect(stepsPicture({ series: below, metric: 'MSE', scale: 'log' })).rejects.toThrow(
      'stepsPicture: expected values above 0 on a log scale, got 0.',
    );
  });

  test('one constant point is a chart, and a point beside longer series too', async () => {
    const one = { name: 'one', points: [{ step: 0, value: 2 }] };
    for (const others of [[], [series[0]!]]) {
      const svg = await learningCurvePicture({ series: [...others, one], metric: 'MSE' });
      expect(svg).not.toContain('NaN');
      const points = svg.match(/<path aria-label="[^"]*" role="graphics-symbol" aria-roledescription="point"[^>]*>/g) ?? [];
      expect(points.map((point) => /aria-label="([^"]*)"/.exec(point)![1])).toEqual([expect.stringMatching(/2; series: one$/)]);
    }
  });

  test('refuses series that cannot be told apart or drawn', async () => {
    const draw = (series: Parameters<typeof stepsPicture>[0]['series']) => stepsPicture({ series, metric: 'MSE' });
    await expect(draw([])).rejects.toThrow('stepsPicture: expected 1 to 7 series, got 0.');
    await expect(draw([series[0]!, series[0]!])).rejects.toThrow("expected series of different names, got 'hypernetwork' twice.");
    await expect(draw([{ name: 'empty', points: [] }])).rejects.toThrow("expected at least 1 point in series 'empty', got 0.");
    await expect(draw([{ name: 'a', points: [{ step: 2, value: NaN }] }])).rejects.toThrow(
      "stepsPicture: expected finite numbers in series 'a', got NaN ± 0 at step 2.",
    );
  });
});

describe('tradeOffPicture', () => {
  const series = [
    { name: 'hypernetwork', points: [{ cost: 1000, value: 0.3, interval: 0.1 }, { cost: 1e6, value: 0.1 }] },
    { name: 'a network each', points: [{ cost: 100, value: 2 }, { cost: 1e7, value: 2 }] },
  ];

  test('costs are the x axis, on a log scale unless told, and points keep their order', async () => {
    const svg = await tradeOffPicture({ series, cost: 'bytes', metric: 'MSE', subtitle: '1 and 1,000 tasks' });
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['hypernetwork', 'a network each', 'bytes', 'MSE', '1 and 1,000 tasks']));
    expect(marksOf(svg).join()).toContain("X-axis titled 'bytes' for a log scale");
    expect(marksOf(svg).join('\n')).toMatch(/low: 0\.2; high: 0\.4; series: hypernetwork/);
    const there = [{ name: 'back', points: [{ cost: 2, value: 1 }, { cost: 1, value: 2 }, { cost: 3, value: 3 }] }];
    const line = /mark-line[^]*? d="M([\d.]+),[\d.]+L([\d.]+),/.exec(await tradeOffPicture({ series: there, cost: 'ms', metric: 'MSE', costScale: 'linear' }))!;
    expect(Number(line[1])).toBeGreaterThan(Number(line[2])); // not sorted by cost
  });

  test('refuses a cost that a log scale cannot show', async () => {
    const free = [{ name: 'free', points: [{ cost: 0, value: 1 }] }];
    await expect(tradeOffPicture({ series: free, cost: 'ms', metric: 'MSE' })).rejects.toThrow('tradeOffPicture: expected costs above 0 on a log scale, got 0.');
    expect(await tradeOffPicture({ series: free, cost: 'ms', metric: 'MSE', costScale: 'linear' })).not.toContain('NaN');
  });
});
