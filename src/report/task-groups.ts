import { shortNumber } from './short-number';

/** Things in a few named groups, so that they can be told apart by colour and shape. */
export interface Groups {
  /** In the order of a legend; six at most. */
  readonly names: readonly string[];
  /** The group of each thing. */
  readonly of: readonly string[];
}

const mostGroups = 6;

/**
 * Groups by a property. Numbers: each of a few values, or four ranges with as many things in each. Words: the most frequent
 * ones, and the others together.
 */
export function groupBy(values: readonly (number | string)[]): Groups {
  const distinct = new Set(values);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) return byWord(values.map(String));
  if (distinct.size > mostGroups) return byRange(numbers);
  return { names: [...numbers].sort((one, other) => one - other).map(shortNumber).filter(isFirst), of: numbers.map(shortNumber) };
}

function byRange(values: readonly number[]): Groups {
  const sorted = [...values].sort((one, other) => one - other);
  const quarters = [0, 1, 2, 3].map((quarter) => sorted.slice((quarter * sorted.length) / 4, ((quarter + 1) * sorted.length) / 4));
  const starts = quarters.map((quarter) => quarter[0]!); // there are more values than groups
  const names = quarters.map((quarter) => `${shortNumber(quarter[0]!)} to ${shortNumber(quarter.at(-1)!)}`);
  const of = values.map((value) => names[starts.filter((start) => start <= value).length - 1]!);
  return { names: names.filter(isFirst).filter((name) => of.includes(name)), of }; // none is left of a quarter whose values all start the next one
}

function byWord(words: readonly string[]): Groups {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const names = [...counts.keys()].sort();
  if (names.length <= mostGroups) return { names, of: words };
  const frequent = [...names].sort((one, other) => counts.get(other)! - counts.get(one)!).slice(0, mostGroups - 1).sort();
  const others = `${names.length - frequent.length} others`;
  return { names: [...frequent, others], of: words.map((word) => (frequent.includes(word) ? word : others)) };
}

function isFirst(name: string, index: number, names: readonly string[]): boolean {
  return names.indexOf(name) === index;
}
