import { ink, renderChart } from './chart';
import { shortNumber } from './short-number';

/** Points of a function of one number. */
export interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** One regression task: what is true, what was seen of it, and what was predicted before and after. */
export interface AdaptedTask {
  readonly title: string;
  /** @default not drawn, where only examples are known */
  readonly truth?: Curve;
  readonly support: Curve;
  /** What was predicted for, drawn as crosses. @default not drawn */
  readonly query?: Curve;
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
  /** Panels in a row; they are larger where there are 3 or fewer. @default 5 */
  readonly columns?: number;
}

const curveLooks = {
  truth: { series: 'true function', color: '#b8b8b8', dash: [1, 0], width: 5 },
  before: { series: 'before adaptation', color: '#d55e00', dash: [4, 3], width: 1.8 },
  after: { series: 'after adaptation', color: '#0072b2', dash: [1, 0], width: 1.8 },
} as const;
const exampleLooks = {
  support: { kind: 'support examples', shape: 'circle' },
  query: { kind: 'query examples', shape: 'cross' },
} as const;

/**
 * A panel per task as an SVG document: the true function, the prediction before and after adaptation, the support
 * and query examples. All panels have the same axes; a prediction far from every true function is cut off.
 *
 * @throws RangeError if there is no task, or a curve has not as many y as x; Error if Vega is not installed.
 */
export async function adaptationPicture(picture: AdaptationPicture): Promise<string> {
  const { tasks, title = 'Adaptation to unseen tasks', metric = 'MSE', columns = 5 } = picture;
  if (tasks.length === 0) throw new RangeError('adaptationPicture: expected at least 1 task, got 0.');
  const range = { x: rangeOf(tasks, 'x'), y: rangeOf(tasks, 'y') };
  const drawnIn = <Member extends keyof AdaptedTask>(members: readonly Member[]) => members.filter((member) => tasks.some((task) => task[member]));
  const drawn = { curves: drawnIn(['truth', 'before', 'after']), examples: drawnIn(['support', 'query']) };
  const size = columns > 3 ? { width: 170, height: 130 } : { width: 250, height: 170 };
  const isBottom = (index: number) => index + columns >= tasks.length;
  return renderChart({
    title,
    columns,
    spacing: { row: 64, column: 18 },
    bounds: 'flush',
    concat: tasks.map((task, index) => panel(task, { metric, range, drawn, size, first: index % columns === 0, bottom: isBottom(index) })),
  });
}

interface Place {
  readonly metric: string;
  readonly range: Readonly<Record<'x' | 'y', Range>>;
  readonly size: { readonly width: number; readonly height: number };
  /** What the legend names: drawn in one panel at least. */
  readonly drawn: {
    readonly curves: readonly (keyof typeof curveLooks)[];
    readonly examples: readonly (keyof typeof exampleLooks)[];
  };
  readonly first: boolean;
  readonly bottom: boolean;
}

function panel(task: AdaptedTask, { metric, range, drawn, size, first, bottom }: Place) {
  const where = `adaptationPicture: task '${task.title}'`;
  const rows = (member: keyof typeof curveLooks | keyof typeof exampleLooks) => points(`${where}: ${member}`, task[member] ?? { x: [], y: [] });
  const curves = drawn.curves.flatMap((member) => rows(member).map((point) => ({ ...point, series: curveLooks[member].series })));
  const examples = drawn.examples.flatMap((member) => rows(member).map((point) => ({ ...point, kind: exampleLooks[member].kind })));
  const looks = drawn.curves.map((member) => curveLooks[member]);
  const domain = looks.map(({ series }) => series);
  const scale = (range: readonly unknown[]) => ({ type: 'ordinal', domain, range }); // or widths are interpolated
  const shapes = drawn.examples.map((member) => exampleLooks[member]);
  const shapeScale = { domain: shapes.map(({ kind }) => kind), range: shapes.map(({ shape }) => shape) };
  const axis = { ticks: false, domain: false, tickCount: 5, title: null };
  const scaleOf = (domain: Range) => ({ domain, nice: false, zero: false });
  const x = { field: 'x', type: 'quantitative', scale: scaleOf(range.x), axis: { ...axis, labels: bottom, labelFlush: true } };
  const y = { field: 'y', type: 'quantitative', scale: scaleOf(range.y), axis: { ...axis, labels: first, labelFlush: 8 } };
  const legend = { orient: 'top', direction: 'horizontal' };
  return {
    width: size.width,
    height: size.height,
    title: {
      text: task.title,
      subtitle: `${metric} ${shortNumber(task.metricBefore)} → ${shortNumber(task.metricAfter)}`,
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
          color: { ...named, scale: scale(looks.map(({ color }) => color)), legend: { ...legend, symbolType: 'stroke' } },
          strokeDash: { ...named, scale: scale(looks.map(({ dash }) => dash)), legend },
          strokeWidth: { ...named, scale: scale(looks.map(({ width }) => width)), legend },
        },
      },
      {
        data: { values: examples },
        mark: { type: 'point', filled: true, size: 30, opacity: 1, color: ink.title, stroke: ink.paper, strokeWidth: 0.8 },
        encoding: {
          x,
          y,
          shape: { field: 'kind', type: 'nominal', scale: shapeScale, legend: { ...legend, symbolSize: 60, symbolStrokeWidth: 0.8 } },
        },
      },
    ],
  };
}

const named = { field: 'series', type: 'ordinal' } as const; // Vega-Lite warns of widths for what has no order

function points(where: string, { x, y }: Curve): { readonly x: number; readonly y: number }[] {
  if (x.length !== y.length) throw new RangeError(`${where}: expected as many y as x, got ${x.length} x and ${y.length} y.`);
  return Array.from({ length: x.length }, (_, index) => ({ x: x[index]!, y: y[index]! }));
}

type Range = readonly [low: number, high: number];

/** What the true functions and the examples cover, widened for predictions by at most as much again on each side. */
function rangeOf(tasks: readonly AdaptedTask[], axis: 'x' | 'y'): Range {
  const valuesOf = (curves: readonly (Curve | undefined)[]) => curves.flatMap((curve) => Array.from(curve?.[axis] ?? [])).filter(Number.isFinite);
  const known = valuesOf(tasks.flatMap(({ truth, support, query }) => [truth, support, query]));
  const predicted = valuesOf(tasks.flatMap(({ before, after }) => [before, after]));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const span = high - low || 1;
  const lowest = Math.max(low - span, Math.min(low, ...predicted));
  const highest = Math.min(high + span, Math.max(high, ...predicted));
  const margin = axis === 'x' ? 0 : 0.08 * (highest - lowest) || 1;
  return [lowest - margin, highest + margin];
}
