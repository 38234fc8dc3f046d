import { ink, renderChart } from './chart';

/** Points of a function of one number. */
export interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** One regression task: what is true, what was seen of it, and what was predicted before and after. */
export interface AdaptedTask {
  readonly title: string;
  readonly truth: Curve;
  readonly support: Curve;
  readonly before: Curve;
  readonly after: Curve;
  readonly metricBefore: number;
  readonly metricAfter: number;
}

export interface AdaptationPicture {
  readonly tasks: readonly AdaptedTask[];
  /** @default 'Adaptation to unseen tasks' */
  readonly title?: string;
  /** @default 'MSE' */
  readonly metric?: string;
  /** Panels in a row. @default 5 */
  readonly columns?: number;
}

const series = ['true function', 'before adaptation', 'after adaptation'] as const;
const seriesOfMember = { truth: series[0], before: series[1], after: series[2] };

/**
 * A panel per task as an SVG document: the true function, the prediction before and after adaptation, the support
 * examples. All panels have the same axes; a prediction far from every true function is cut off.
 *
 * @throws RangeError if there is no task, or a curve has not as many y as x; Error if Vega is not installed.
 */
export async function adaptationPicture(picture: AdaptationPicture): Promise<string> {
  const { tasks, title = 'Adaptation to unseen tasks', metric = 'MSE', columns = 5 } = picture;
  if (tasks.length === 0) throw new RangeError('adaptationPicture: expected at least 1 task, got 0.');
  const range = { x: rangeOf(tasks, 'x'), y: rangeOf(tasks, 'y') };
  const isBottom = (index: number) => index + columns >= tasks.length;
  return renderChart({
    title,
    columns,
    spacing: { row: 64, column: 18 },
    bounds: 'flush',
    concat: tasks.map((task, index) => panel(task, { metric, range, first: index % columns === 0, bottom: isBottom(index) })),
  });
}

interface Place {
  readonly metric: string;
  readonly range: Readonly<Record<'x' | 'y', Range>>;
  readonly first: boolean;
  readonly bottom: boolean;
}

function panel(task: AdaptedTask, { metric, range, first, bottom }: Place) {
  const where = `adaptationPicture: task '${task.title}'`;
  const curves = (['truth', 'before', 'after'] as const).flatMap((member) =>
    points(`${where}: ${member}`, task[member]).map((point) => ({ ...point, series: seriesOfMember[member] })),
  );
  const support = points(`${where}: support`, task.support).map((point) => ({ ...point, kind: 'support examples' }));
  const axis = { ticks: false, domain: false, tickCount: 5, title: null };
  const scaleOf = (domain: Range) => ({ domain, nice: false, zero: false });
  const x = { field: 'x', type: 'quantitative', scale: scaleOf(range.x), axis: { ...axis, labels: bottom, labelFlush: true } };
  const y = { field: 'y', type: 'quantitative', scale: scaleOf(range.y), axis: { ...axis, labels: first, labelFlush: 8 } };
  const legend = { orient: 'top', direction: 'horizontal' };
  return {
    width: 170,
    height: 130,
    title: {
      text: task.title,
      subtitle: `${metric} ${short(task.metricBefore)} → ${short(task.metricAfter)}`,
      fontSize: 12,
      offset: 6,
      frame: 'group',
    },
    layer: [
      {
        data: { values: curves },
        mark: { type: 'line', clip: true },
        encoding: {
          x,
          y,
          color: { ...named, scale: scale(['#b8b8b8', '#d55e00', '#0072b2']), legend: { ...legend, symbolType: 'stroke' } },
          strokeDash: { ...named, scale: scale([[1, 0], [4, 3], [1, 0]]), legend },
          strokeWidth: { ...named, scale: scale([5, 1.8, 1.8]), legend },
        },
      },
      {
        data: { values: support },
        mark: { type: 'point', filled: true, size: 30, opacity: 1, color: ink.title, stroke: ink.paper, strokeWidth: 0.8 },
        encoding: {
          x,
          y,
          shape: { field: 'kind', type: 'nominal', scale: { range: ['circle'] }, legend: { ...legend, symbolSize: 45 } },
        },
      },
    ],
  };
}

const named = { field: 'series', type: 'ordinal' } as const; // Vega-Lite warns of widths for what has no order
const scale = (range: readonly unknown[]) => ({ type: 'ordinal', domain: series, range }); // or widths are interpolated

function points(where: string, { x, y }: Curve): { readonly x: number; readonly y: number }[] {
  if (x.length !== y.length) throw new RangeError(`${where}: expected as many y as x, got ${x.length} x and ${y.length} y.`);
  return Array.from({ length: x.length }, (_, index) => ({ x: x[index]!, y: y[index]! }));
}

type Range = readonly [low: number, high: number];

/** What the true functions and support examples cover, widened for predictions by at most as much again on each side. */
function rangeOf(tasks: readonly AdaptedTask[], axis: 'x' | 'y'): Range {
  const valuesOf = (curves: readonly Curve[]) => curves.flatMap((curve) => Array.from(curve[axis])).filter(Number.isFinite);
  const known = valuesOf(tasks.flatMap(({ truth, support }) => [truth, support]));
  const predicted = valuesOf(tasks.flatMap(({ before, after }) => [before, after]));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const span = high - low || 1;
  const lowest = Math.max(low - span, Math.min(low, ...predicted));
  const highest = Math.min(high + span, Math.max(high, ...predicted));
  const margin = axis === 'x' ? 0 : 0.08 * (highest - lowest) || 1;
  return [lowest - margin, highest + margin];
}

/** Three figures, as one says a number. */
function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}
