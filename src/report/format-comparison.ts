import type { Comparison } from '../evaluation/comparison';
import { formatTable, type TableOptions } from './table';

export interface FormatComparisonOptions extends TableOptions {
  /** The entry that differences are taken from. @default the first */
  readonly against?: string;
}

/**
 * A comparison as a table: a row per entry, its difference to one of them, and what it costs; below it a sentence that
 * says what the intervals are over.
 *
 * @throws RangeError if no entry has the name `against`
 */
export function formatComparison(comparison: Comparison, options: FormatComparisonOptions = {}): string {
  const { entries, metric, differences } = comparison;
  const { against = entries[0]!.name, ...style } = options; // a comparison has one at least
  if (!entries.some(({ name }) => name === against))
    throw new RangeError(`formatComparison: against: expected one of ${entries.map(({ name }) => name).join(', ')}, got '${against}'.`);
  const header = ['', metric, `less ${against}`, 'meta-parameters', 'adapted values', 'bytes per task', 'ms to adapt'];
  const rows = entries.map(({ name, mean, interval, facts }) => {
    const difference = differences.find((pair) => pair.name === name && pair.less === against);
    return [
      name,
      { value: mean, interval },
      difference ? { value: difference.mean, interval: difference.interval } : '',
      facts.metaParameters,
      facts.adaptedValues,
      facts.bytesPerTask,
      facts.adaptMs,
    ];
  });
  return `${formatTable(header, rows, style)}\n\n${describeIntervals(comparison)}`;
}

/** What the numbers of a comparison are, in a sentence. */
export function describeIntervals({ metric, better, seeds, episodes }: Pick<Comparison, 'metric' | 'better' | 'seeds' | 'episodes'>): string {
  const over = seeds.length === 1 ? 'the episodes, of one seed' : `the means of ${seeds.length} seeds (Student's t)`;
  return `${metric}, ${better} is better, on ${episodes} unseen episodes, the same for all; ± is half of a 95 % interval over ${over}.`;
}
