import { renderChart } from './chart';
import { endLabels, pointMark } from './end-labels';
import { seriesLook, seriesRows, type Series } from './series';
import { valueAxis } from './value-axis';

export interface StepsPicture {
  /** A line per method; `step` is the number of inner steps. */
  readonly series: readonly Series[];
  /** What was measured: the name of the y axis. */
  readonly metric: string;
  /** @default 'Adaptation, step by step' */
  readonly title?: string;
  /** What `step` counts: the name of the x axis. @default 'inner steps' */
  readonly counted?: string;
  /** `'log'` wants values above 0. @default 'linear' */
  readonly scale?: 'linear' | 'log';
}

/**
 * A metric after 0, 1, 2, … inner steps as an SVG document: a line per method, 95 % intervals as bars.
 *
 * @throws RangeError if there is nothing to draw, or what `scale` cannot show; Error if Vega is not installed.
 */
export async function stepsPicture(picture: StepsPicture): Promise<string> {
  const { series, metric, title = 'Adaptation, step by step', scale = 'linear', counted = 'inner steps' } = picture;
  const rows = seriesRows('stepsPicture', series);
  const axis = valueAxis('stepsPicture', metric, rows, scale);
  const values = rows.map((row) => ({ ...row, low: Math.max(row.low, axis.domain[0]) }));
  const steps = [...new Set(rows.map(({ step }) => step))].sort((one, other) => one - other);
  const { color, strokeDash, shape } = seriesLook(series);
  const size = { width: 460, height: 300 };
  const x = {
    field: 'step',
    type: 'quantitative',
    scale: { nice: false, padding: 16 },
    axis: { title: counted, values: steps, grid: false, labelOverlap: true },
  };
  const y = { ...axis.y, field: 'value' };
  // Methods stand a little beside each other, so that their intervals do not hide one another.
  const methods = series.map(({ name }, index) => {
    const xOffset = 4 * (index - (series.length - 1) / 2);
    return {
      data: { values: values.filter((row) => row.series === name) },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 1.5, xOffset },
          encoding: { x, y: { ...axis.y, field: 'low' }, y2: { field: 'high' }, color },
        },
        { mark: { type: 'line', strokeWidth: 2, xOffset }, encoding: { x, y, color, strokeDash } },
        { mark: { ...pointMark, xOffset }, encoding: { x, y, color, shape } },
      ],
    };
  });
  const labels = endLabels(series, axis, { ...size, line: { color, strokeDash }, point: { color, shape } });
  return renderChart({ title, ...size, layer: [...methods, ...labels] });
}
