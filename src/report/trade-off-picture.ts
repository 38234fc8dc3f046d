import { renderChart } from './chart';
import { endLabels, pointMark } from './end-labels';
import { seriesLook, seriesRows, type Series } from './series';
import { valueAxis } from './value-axis';

/** A measurement, and what it costs. */
export interface TradeOffPoint {
  readonly cost: number;
  readonly value: number;
  /** Half-width of the 95 % interval. @default 0 */
  readonly interval?: number;
}

export interface TradeOffPicture {
  /** A line per method, through its points in their order. */
  readonly series: readonly { readonly name: string; readonly points: readonly TradeOffPoint[] }[];
  /** What it costs, the name of the x axis: 'bytes', 'milliseconds', 'classes'. */
  readonly cost: string;
  /** What was measured: the name of the y axis. */
  readonly metric: string;
  /** @default 'Quality and cost' */
  readonly title?: string;
  /** What a point is, below the title. */
  readonly subtitle?: string;
  /** Of the metric: `'log'` wants values above 0. @default 'linear' */
  readonly scale?: 'linear' | 'log';
  /** Of the cost: `'log'` wants costs above 0. @default 'log' */
  readonly costScale?: 'linear' | 'log';
}

/**
 * A metric against what it costs as an SVG document: a line per method, 95 % intervals as bars. On a log scale an interval that
 * reaches down to 0 ends at the axis.
 *
 * @throws RangeError if there is nothing to draw, or what a scale cannot show; Error if Vega is not installed.
 */
export async function tradeOffPicture(picture: TradeOffPicture): Promise<string> {
  const { cost, metric, title = 'Quality and cost', subtitle, scale = 'linear', costScale = 'log' } = picture;
  const series: readonly Series[] = picture.series.map(({ name, points }) => ({
    name,
    points: points.map(({ cost: step, ...point }) => ({ step, ...point })),
  }));
  const rows = seriesRows('tradeOffPicture', series);
  const smallest = Math.min(...rows.map(({ step }) => step));
  if (costScale === 'log' && smallest <= 0) throw new RangeError(`tradeOffPicture: expected costs above 0 on a log scale, got ${smallest}.`);
  const axis = valueAxis('tradeOffPicture', metric, rows, scale);
  const values = rows.map((row, order) => ({ ...row, low: Math.max(row.low, axis.domain[0]), order }));
  const { color, strokeDash, shape } = seriesLook(series);
  const size = { width: 460, height: 320 };
  const x = {
    field: 'step',
    type: 'quantitative',
    scale: { type: costScale, nice: false, padding: 16 },
    axis: { title: cost, grid: false, tickCount: 6, format: smallest >= 1 ? '~s' : '~g', labelOverlap: true }, // k for thousands, no m for thousandths
  };
  const y = { ...axis.y, field: 'value' };
  const lines = {
    data: { values },
    layer: [
      { mark: { type: 'rule', strokeWidth: 1.5 }, encoding: { x, y: { ...axis.y, field: 'low' }, y2: { field: 'high' }, color } },
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color, strokeDash, order: { field: 'order', type: 'quantitative' } } },
      { mark: pointMark, encoding: { x, y, color, shape } },
    ],
  };
  const labels = endLabels(series, axis, { ...size, line: { color, strokeDash }, point: { color, shape } });
  return renderChart({ title: { text: title, ...(subtitle ? { subtitle } : {}) }, ...size, layer: [lines, ...labels] });
}
