import type { SeriesRow } from './series';

export interface ValueAxis {
  readonly domain: readonly [low: number, high: number];
  /** Vega-Lite's encoding of the y channel, but for its field. */
  readonly y: object;
  /** Height in a chart of a value, in [0, 1] within the domain. */
  heightOf(value: number): number;
  /** The value at a height. */
  valueAt(height: number): number;
}

/**
 * A y axis that just holds every value and interval. On a log scale an interval that reaches down to 0 ends at the axis.
 *
 * @throws RangeError if a value is not above 0 on a log scale.
 */
export function valueAxis(where: string, metric: string, rows: readonly SeriesRow[], scale: 'linear' | 'log'): ValueAxis {
  const isLog = scale === 'log';
  const forward = isLog ? Math.log : (value: number) => value;
  const backward = isLog ? Math.exp : (value: number) => value;
  const [smallest] = extent(rows, ({ value }) => value);
  if (isLog && smallest <= 0) throw new RangeError(`${where}: expected values above 0 on a log scale, got ${smallest}.`);
  const [least] = extent(rows, ({ low }) => (isLog ? Math.max(low, smallest / 2) : low));
  const [, most] = extent(rows, ({ high }) => high);
  const margin = 0.04 * (forward(most) - forward(least)) || 0.5;
  const start = backward(forward(least) - margin);
  const low = least >= 0 ? Math.max(0, start) : start;
  const high = backward(forward(most) + margin);
  const span = forward(high) - forward(low);
  return {
    domain: [low, high],
    y: {
      type: 'quantitative',
      scale: { type: scale, domain: [low, high], nice: false, ...(isLog ? {} : { zero: false }) },
      axis: { title: metric, ticks: false, domain: false, tickCount: 6, format: '~g' },
    },
    heightOf: (value) => (forward(value) - forward(low)) / span,
    valueAt: (height) => backward(forward(low) + height * span),
  };
}

/** Logarithmic for values above 0 that differ by more than a factor of ten. */
export function usualScale(points: readonly { readonly value: number }[]): 'linear' | 'log' {
  const [least, most] = extent(points, ({ value }) => value);
  return least > 0 && most > 10 * least ? 'log' : 'linear';
}

/** The least and the largest of any number of values: too many, spread as arguments, would overflow the stack. */
export function extent<Item>(items: readonly Item[], valueOf: (item: Item) => number): readonly [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const item of items) {
    const value = valueOf(item);
    [least, most] = [Math.min(least, value), Math.max(most, value)];
  }
  return [least, most];
}
