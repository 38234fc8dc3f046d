import { UsageError } from './usage-error';

/** Reads a whole number. */
export function parseCount(option: string, min = 1): (words: string) => number {
  return (words) => {
    const value = Number(words);
    if (words.trim() === '' || !Number.isSafeInteger(value) || value < min)
      throw new UsageError(`${option}: expected a whole number of at least ${min}, got '${words}'.`);
    return value;
  };
}

/** Reads whole numbers from 0 with commas between. */
export function parseCounts(option: string): (words: string) => readonly number[] {
  const parse = parseCount(option, 0);
  return (words) => words.split(',').map((word) => parse(word));
}

/** Reads a number above 0. */
export function parsePositive(option: string): (words: string) => number {
  return (words) => {
    const value = Number(words);
    if (!(Number.isFinite(value) && value > 0)) throw new UsageError(`${option}: expected a number above 0, got '${words}'.`);
    return value;
  };
}

/** Reads finite numbers with commas between. */
export function parseNumbers(option: string): (words: string) => readonly number[] {
  return (words) =>
    words.split(',').map((word) => {
      if (word.trim() === '' || !Number.isFinite(Number(word))) throw new UsageError(`${option}: expected numbers with commas between, got '${words}'.`);
      return Number(word);
    });
}
