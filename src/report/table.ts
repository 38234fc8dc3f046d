/** A measured number with the half-width of its 95 % interval. */
export interface Measured {
  readonly value: number;
  readonly interval: number;
}

export type Cell = string | number | Measured;

export interface TableOptions {
  /** `'box'` for a terminal, `'markdown'` for a README. @default 'box' */
  readonly style?: 'box' | 'markdown';
  /** Digits after the point of numbers that are not whole. @default 3 */
  readonly digits?: number;
}

/**
 * A table as aligned plain text without a line break at its end. A column of numbers stands to the right.
 *
 * @example
 * formatTable(['learner', 'MSE'], [['MAML', { value: 0.0712, interval: 0.004 }]], { style: 'markdown' });
 * // | learner |           MSE |
 * // | :------ | ------------: |
 * // | MAML    | 0.071 ± 0.004 |
 *
 * @throws RangeError if a row has another number of cells than the header.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly Cell[])[], options: TableOptions = {}): string {
  const { style = 'box', digits = 3 } = options;
  const wrong = rows.findIndex((row) => row.length !== header.length);
  if (wrong >= 0)
    throw new RangeError(`formatTable: expected ${header.length} cells in row ${wrong}, got ${rows[wrong]!.length}.`);
  const escape = (words: string) => (style === 'markdown' ? words.replaceAll('|', '\\|') : words);
  const columns = header.map((name, column) => {
    const cells = rows.map((row) => row[column]!);
    const words = cells.map((cell) => escape(formatCell(cell, digits)));
    const isNumeric = cells.length > 0 && cells.every((cell) => typeof cell !== 'string' || cell === '');
    const width = Math.max(3, ...[escape(name), ...words].map(widthOf));
    const pad = (cell: string) => {
      const gap = ' '.repeat(width - widthOf(cell));
      return isNumeric ? gap + cell : cell + gap;
    };
    return { name: pad(escape(name)), words: words.map(pad), width, isNumeric };
  });
  const names = columns.map(({ name }) => name);
  const lines = rows.map((_, row) => columns.map(({ words }) => words[row]!));
  if (style === 'markdown') {
    const ruler = columns.map(({ width, isNumeric }) => (isNumeric ? `${'-'.repeat(width - 1)}:` : `:${'-'.repeat(width - 1)}`));
    return [names, ruler, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
  }
  const rule = (start: string, cross: string, end: string) =>
    start + columns.map(({ width }) => '─'.repeat(width + 2)).join(cross) + end;
  const boxed = (line: readonly string[]) => `│ ${line.join(' │ ')} │`;
  return [rule('┌', '┬', '┐'), boxed(names), rule('├', '┼', '┤'), ...lines.map(boxed), rule('└', '┴', '┘')].join('\n');
}

/** A cell in words: `0.071 ± 0.004`. */
export function formatCell(cell: Cell, digits: number): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return formatNumber(cell, digits);
  return `${measured(cell.value, digits)} ± ${measured(cell.interval, digits)}`;
}

/** Whole numbers as they are: `14530`. */
function formatNumber(value: number, digits: number): string {
  return Number.isInteger(value) ? String(value) : measured(value, digits);
}

/** A number too small for its digits keeps two figures, so that it does not read as zero: `4.1e-5`. */
function measured(value: number, digits: number): string {
  const isLost = value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits;
  return isLost ? value.toExponential(1) : value.toFixed(digits);
}

function widthOf(words: string): number {
  return [...words].length;
}
