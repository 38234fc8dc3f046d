import { ink } from './chart';
import type { Series } from './series';
import type { ValueAxis } from './value-axis';

/** How a measured point is drawn. */
export const pointMark = { type: 'point', filled: true, size: 55, opacity: 1 } as const;

/**
 * Layers of a Vega-Lite chart that write the name of each series to the right of the chart, at the height of its last
 * point and behind a sample of its line, so that no legend is needed. Names that would overlap are moved apart.
 */
export function endLabels(
  series: readonly Series[],
  axis: ValueAxis,
  chart: { readonly width: number; readonly height: number; readonly line: object; readonly point?: object },
): object[] {
  const { width, height, line, point } = chart;
  const wanted = series.map(({ name, points }) => ({ name, at: axis.heightOf(points.at(-1)!.value) * height })); // none is empty
  const values = spread(wanted, { gap: 18, height }).map(({ name, at }) => ({ series: name, end: axis.valueAt(at / height) }));
  const y = { ...axis.y, field: 'end' };
  const sample = { x: { value: width + 12 }, x2: { value: width + 36 } };
  return [
    { data: { values }, mark: { type: 'rule', strokeWidth: 2 }, encoding: { ...line, ...sample, y } },
    ...(point ? [{ data: { values }, mark: pointMark, encoding: { ...point, x: { value: width + 24 }, y } }] : []),
    {
      data: { values },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 12, color: ink.title },
      encoding: { x: { value: width + 42 }, y, text: { field: 'series' } },
    },
  ];
}

/** Moves heights apart until each is `gap` from the next, from the lowest up and then, if they stick out, down again. */
function spread(
  wanted: readonly { readonly name: string; readonly at: number }[],
  { gap, height }: { readonly gap: number; readonly height: number },
): { name: string; at: number }[] {
  const labels = [...wanted].sort((one, other) => one.at - other.at).map((label) => ({ ...label }));
  let least = 0;
  for (const label of labels) {
    label.at = Math.max(label.at, least);
    least = label.at + gap;
  }
  let most = height;
  for (const label of labels.reverse()) {
    label.at = Math.min(label.at, most);
    most = label.at - gap;
  }
  return labels;
}
