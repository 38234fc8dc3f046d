import { expectCount } from './errors';

/** Of height and width, in this order. */
export type Pair = readonly [height: number, width: number];

/** One number stands for two. @throws RangeError unless both are whole numbers of at least `min` */
export function expectPair(where: string, given: number | Pair, min = 1): Pair {
  const pair: Pair = typeof given === 'number' ? [given, given] : given;
  if (!Array.isArray(pair) || pair.length !== 2)
    throw new RangeError(`${where}: expected a number or a pair [height, width], got ${JSON.stringify(given)}.`);
  for (const size of pair) expectCount(where, size, min);
  return pair;
}

export function areaOf([height, width]: Pair): number {
  return height * width;
}
