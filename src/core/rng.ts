import seedrandom from 'seedrandom';

/** A seeded source of chance. The same seed gives the same numbers on every machine. */
export interface Rng {
  /** In [0, 1). */
  uniform(): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
  /** A whole number in [0, limit). */
  integer(limit: number): number;
  /** A shuffled copy. */
  shuffle<Item>(items: readonly Item[]): Item[];
  /** An independent stream, named: what is drawn from one never moves the other. */
  fork(label: string): Rng;
}

/** Every random choice of the library comes from here. */
export function createRng(seed: string): Rng {
  let stream: (() => number) | undefined; // started at the first draw: many are made that nobody draws from
  const next = () => (stream ??= seedrandom.alea(seed))();
  const integer = (limit: number) => Math.floor(next() * limit);
  return {
    uniform: () => next(),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()), // Box and Muller, 1958
    integer,
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!]; // Fisher and Yates; both in range
      }
      return shuffled;
    },
    fork: (label) => createRng(`${seed}/${label}`),
  };
}
