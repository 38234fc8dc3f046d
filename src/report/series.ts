import { colors } from './chart';

/** A measurement at a step; `interval` is the half-width of its 95 % interval. */
export interface MeasuredStep {
  readonly step: number;
  readonly value: number;
  /** @default 0 */
  readonly interval?: number;
}

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly MeasuredStep[];
}

/** A row of a chart's data: a measurement with the two ends of its interval. */
export interface SeriesRow {
  readonly series: string;
  readonly step: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Dashes and shapes tell the lines apart without the colours. */
const looks = [
  { color: colors[0], dash: [1, 0], shape: 'circle' },
  { color: colors[1], dash: [7, 3], shape: 'square' },
  { color: colors[2], dash: [2, 3], shape: 'triangle-up' },
  { color: colors[3], dash: [9, 3, 2, 3], shape: 'diamond' },
  { color: colors[4], dash: [4, 2], shape: 'triangle-down' },
  { color: colors[5], dash: [12, 4], shape: 'cross' },
  { color: colors[6], dash: [1, 2], shape: 'triangle-right' },
] as const;

/** The colours of lines, in their order. */
export const lookColors: readonly string[] = looks.map(({ color }) => color);

/**
 * A row per point, in the order of the series.
 *
 * @throws RangeError if there is no series or an empty one, too many, two of one name, or a number that is not finite.
 */
export function seriesRows(where: string, series: readonly Series[]): SeriesRow[] {
  if (series.length === 0 || series.length > looks.length)
    throw new RangeError(`${where}: expected 1 to ${looks.length} series, got ${series.length}.`);
  const names = series.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`${where}: expected series of different names, got '${twice}' twice.`);
  return series.flatMap(({ name, points }) => {
    if (points.length === 0) throw new RangeError(`${where}: expected at least 1 point in series '${name}', got 0.`);
    return points.map(({ step, value, interval = 0 }) => {
      if (![step, value, interval].every(Number.isFinite))
        throw new RangeError(
          `${where}: expected finite numbers in series '${name}', got ${value} ± ${interval} at step ${step}.`,
        );
      return { series: name, step, value, low: value - interval, high: value + interval };
    });
  });
}

/** Vega-Lite's encoding of a series by colour, dash and shape at once, without a legend: see `endLabels`. */
export function seriesLook(series: readonly Series[]) {
  const channel = (look: keyof (typeof looks)[number]) => ({
    field: 'series',
    type: 'nominal',
    scale: { domain: series.map(({ name }) => name), range: looks.slice(0, series.length).map((each) => each[look]) },
    legend: null,
  });
  return { color: channel('color'), strokeDash: channel('dash'), shape: channel('shape') };
}
