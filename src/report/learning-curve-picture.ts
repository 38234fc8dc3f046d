import { renderChart } from './chart';
import { endLabels } from './end-labels';
import { seriesLook, seriesRows, type Series } from './series';
import { valueAxis } from './value-axis';

export interface LearningCurvePicture {
  readonly series: readonly Series[];
  /** What was measured: the name of the y axis. */
  readonly metric: string;
  /** @default 'Meta-training' */
  readonly title?: string;
  /** `'log'` wants values above 0. @default 'linear' */
  readonly scale?: 'linear' | 'log';
}

/**
 * A metric over the outer steps as an SVG document: a line per series, its 95 % interval as a band.
 *
 * @throws RangeError if there is nothing to draw, or what `scale` cannot show; Error if Vega is not installed.
 */
export async function learningCurvePicture(picture: LearningCurvePicture): Promise<string> {
  const { series, metric, title = 'Meta-training', scale = 'linear' } = picture;
  const values = seriesRows('learningCurvePicture', series);
  const axis = valueAxis('learningCurvePicture', metric, values, scale);
  const { color, strokeDash } = seriesLook(series);
  const size = { width: 540, height: 300 };
  const x = { field: 'step', type: 'quantitative', axis: { title: 'outer step', grid: false, tickCount: 6, format: ',d' } };
  const bands = values.map((row) => ({ ...row, low: Math.max(row.low, axis.domain[0]) }));
  return renderChart({
    title,
    ...size,
    layer: [
      {
        data: { values: bands },
        mark: { type: 'area', opacity: 0.16 },
        encoding: { x, y: { ...axis.y, field: 'low' }, y2: { field: 'high' }, color },
      },
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: { x, y: { ...axis.y, field: 'value' }, color, strokeDash },
      },
      ...endLabels(series, axis, { ...size, line: { color, strokeDash } }),
    ],
  });
}
