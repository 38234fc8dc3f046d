/** Points of one kind in a plot. */
export interface Marks {
  /** One character; later marks stand over earlier ones. */
  readonly mark: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface TextPlotOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Of the y axis; `'log'` where all values are above 0. @default 'linear' */
  readonly scale?: 'linear' | 'log';
}

/** A plot as text, `rows` lines between two axes; points that are not finite are left out. */
export function textPlot(series: readonly Marks[], { columns = 64, rows = 12, scale = 'linear' }: TextPlotOptions = {}): string {
  const all = series.flatMap(({ points }) => points.filter((point) => isShown(point)));
  if (all.length === 0) return '';
  const isLog = scale === 'log' && all.every(([, y]) => y > 0);
  const height = (y: number) => (isLog ? Math.log(y) : y);
  const [left, right] = ends(all.map(([x]) => x));
  const [bottom, top] = ends(all.map(([, y]) => y));
  const place = (value: number, low: number, high: number, cells: number) => (high > low ? Math.round(((value - low) / (high - low)) * (cells - 1)) : 0);
  const canvas = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '));
  for (const { mark, points } of series)
    for (const [x, y] of points.filter((point) => isShown(point)))
      canvas[rows - 1 - place(height(y), height(bottom), height(top), rows)]![place(x, left, right, columns)] = mark; // both are on the canvas
  const labels = [tick(top), tick(bottom)];
  const width = Math.max(...labels.map(({ length }) => length));
  const lines = canvas.map((cells, row) => {
    const label = row === 0 ? labels[0]! : row === rows - 1 ? labels[1]! : '';
    return `${label.padStart(width)} ┤${cells.join('').trimEnd()}`;
  });
  const [from, to] = [tick(left), tick(right)];
  return [...lines, `${' '.repeat(width)} └${'─'.repeat(columns)}`, `${' '.repeat(width + 2)}${from}${to.padStart(columns - from.length)}`].join('\n');
}

const isShown = ([x, y]: readonly [number, number]) => Number.isFinite(x) && Number.isFinite(y);

/** The least and the greatest, of any number of values. */
function ends(values: readonly number[]): readonly [number, number] {
  return [values.reduce((least, value) => Math.min(least, value), Infinity), values.reduce((most, value) => Math.max(most, value), -Infinity)];
}

function tick(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}
