import { ink, renderChart } from './chart';
import { pointMark } from './end-labels';
import { valueAxis } from './value-axis';

/** One line of the chart; an entry of a `Comparison` is one. */
export interface ComparedResult {
  readonly name: string;
  readonly mean: number;
  /** Half-width of the 95 % interval. @default none is drawn */
  readonly interval?: number;
  /** `'published'` is drawn hollow: somebody else's figure. @default 'measured' */
  readonly kind?: 'measured' | 'published';
}

export interface ComparisonPicture {
  /** From top to bottom. */
  readonly results: readonly ComparedResult[];
  /** What was measured: the name of the axis. */
  readonly metric: string;
  /** @default 'Comparison' */
  readonly title?: string;
  /** `'log'` wants values above 0. @default 'linear' */
  readonly scale?: 'linear' | 'log';
  /** Digits after the point. @default 3 */
  readonly digits?: number;
}

const looks = {
  measured: { color: '#0072b2', shape: 'circle', filled: true },
  published: { color: '#d55e00', shape: 'diamond', filled: false },
} as const;

/**
 * Results with 95 % intervals as an SVG document: a line each, its name on the left and its number on the right.
 *
 * @throws RangeError if there is nothing to draw, two results of one name, or a number that `scale` cannot show; Error if
 * Vega is not installed.
 */
export async function comparisonPicture(picture: ComparisonPicture): Promise<string> {
  const { results, metric, title = 'Comparison', scale = 'linear', digits = 3 } = picture;
  expectResults(results);
  const rows = results.map(({ name, mean, interval = 0, kind = 'measured' }) => {
    const words = `${mean.toFixed(digits)}${interval > 0 ? ` ± ${interval.toFixed(digits)}` : ''}`;
    return { series: name, step: 0, value: mean, low: mean - interval, high: mean + interval, words, kind };
  });
  const axis = valueAxis('comparisonPicture', metric, rows, scale);
  const values = rows.map((row) => ({ ...row, low: Math.max(row.low, axis.domain[0]) }));
  const size = { width: 380, height: 24 * rows.length };
  const names = { labelLimit: 0, ticks: false, domain: false, title: null, grid: true, labelFontSize: 12, labelColor: ink.title };
  const y = { field: 'series', type: 'nominal', sort: null, axis: names };
  const kinds = (Object.keys(looks) as (keyof typeof looks)[]).filter((kind) => rows.some((row) => row.kind === kind));
  const marks = kinds.flatMap((kind) => {
    const { color, shape, filled } = looks[kind];
    const data = { values: values.filter((row) => row.kind === kind) };
    return [
      { data, mark: { type: 'rule', strokeWidth: 1.5, color }, encoding: { y, x: { ...axis.y, field: 'low' }, x2: { field: 'high' } } },
      {
        data,
        mark: { ...pointMark, filled, shape, color, strokeWidth: 2, ...(filled ? {} : { fill: ink.paper }) },
        encoding: { y, x: { ...axis.y, field: 'value' } },
      },
    ];
  });
  const numbers = {
    data: { values },
    mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 12, color: ink.title },
    encoding: { y, x: { value: size.width + 12 }, text: { field: 'words' } },
  };
  const legend = kinds.includes('published') ? { subtitle: 'Filled: measured here. Hollow: published by others.' } : {};
  return renderChart({ title: { text: title, ...legend }, ...size, layer: [numbers, ...marks] });
}

function expectResults(results: readonly ComparedResult[]): void {
  if (results.length === 0) throw new RangeError('comparisonPicture: expected at least 1 result, got 0.');
  const names = results.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`comparisonPicture: expected results of different names, got '${twice}' twice.`);
  for (const { name, mean, interval = 0 } of results)
    if (!Number.isFinite(mean) || !Number.isFinite(interval))
      throw new RangeError(`comparisonPicture: ${name}: expected finite numbers, got ${mean} ± ${interval}.`);
}
