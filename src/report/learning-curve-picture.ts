import { ink, renderChart } from './chart';
import { endLabels, pointMark } from './end-labels';
import { seriesLook, seriesRows, type MeasuredStep, type Series } from './series';
import { valueAxis } from './value-axis';

export interface LearningCurvePicture {
  readonly series: readonly Series[];
  /** Single measurements, as pale points behind the lines, which are then means of them. @default none */
  readonly dots?: readonly MeasuredStep[];
  /** What was measured: the name of the y axis. */
  readonly metric: string;
  /** @default 'Meta-training' */
  readonly title?: string;
  /** What is counted: the name of the x axis. @default 'outer step' */
  readonly steps?: string;
  /** `'log'` wants values above 0. @default 'linear' */
  readonly scale?: 'linear' | 'log';
}

/**
 * A metric over the outer steps as an SVG document: a line per series, its 95 % interval as a band; a series of one point is a
 * point.
 *
 * @throws RangeError if there is nothing to draw, or what `scale` cannot show; Error if Vega is not installed.
 */
export async function learningCurvePicture(picture: LearningCurvePicture): Promise<string> {
  const { series, metric, dots = [], title = 'Meta-training', steps = 'outer step', scale = 'linear' } = picture;
  const values = seriesRows('learningCurvePicture', series);
  const singles = dots.length > 0 ? seriesRows('learningCurvePicture: dots', [{ name: 'single', points: dots }]) : [];
  const axis = valueAxis('learningCurvePicture', metric, [...values, ...singles], scale);
  const { color, strokeDash } = seriesLook(series);
  const size = { width: 540, height: 300 };
  const x = { field: 'step', type: 'quantitative', axis: { title: steps, grid: false, tickCount: 6, tickMinStep: 1, format: ',d' } };
  const y = { ...axis.y, field: 'value' };
  const bands = values.map((row) => ({ ...row, low: Math.max(row.low, axis.domain[0]) }));
  const dotted = {
    data: { values: singles },
    mark: { type: 'point', filled: true, size: 9, opacity: 0.6, color: ink.axis, aria: false },
    encoding: { x, y },
  };
  const alone = values.filter((row) => series.find(({ name }) => name === row.series)!.points.length === 1); // a line of one point cannot be seen
  return renderChart({
    title,
    ...size,
    layer: [
      ...(singles.length > 0 ? [dotted] : []),
      {
        data: { values: bands },
        mark: { type: 'area', opacity: 0.16 },
        encoding: { x, y: { ...axis.y, field: 'low' }, y2: { field: 'high' }, color },
      },
      { data: { values }, mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color, strokeDash } },
      ...(alone.length > 0 ? [{ data: { values: alone }, mark: pointMark, encoding: { x, y, color } }] : []),
      ...endLabels(series, axis, { ...size, line: { color, strokeDash } }),
    ],
  });
}
