import { DataError } from '../core/errors';
import type { Rng } from '../core/rng';
import type { Episode, ExampleArrays } from '../core/task';

/** Examples of one class as an episode sees them, turned or permuted as its task says. */
export interface EpisodeClass {
  readonly name: string;
  readonly count: number;
  read(index: number, into: Float32Array): void;
}

/**
 * An episode over classes in a given order: class `i` has the one-hot label i. Support and query hold `shots` and
 * `queryShots` different examples of each class, class after class.
 */
export function drawEpisode(
  rng: Rng,
  classes: readonly EpisodeClass[],
  { inputSize, shots, queryShots }: { readonly inputSize: number; readonly shots: number; readonly queryShots: number },
): Pick<Episode, 'support' | 'query'> {
  const drawn = classes.map(({ count }) => drawDistinct(rng, count, shots + queryShots));
  const gather = (start: number, end: number): ExampleArrays => {
    const count = classes.length * (end - start);
    const x = new Float32Array(count * inputSize);
    const y = new Float32Array(count * classes.length);
    let example = 0;
    classes.forEach(({ read }, label) => {
      for (const index of drawn[label]!.slice(start, end)) {
        read(index, x.subarray(example * inputSize, (example + 1) * inputSize));
        y[example * classes.length + label] = 1;
        example++;
      }
    });
    return { x, y, count };
  };
  return { support: gather(0, shots), query: gather(shots, shots + queryShots) };
}

/** `count` different whole numbers below `limit`, in random order. Expects count ≤ limit. */
export function drawDistinct(rng: Rng, limit: number, count: number): readonly number[] {
  if (count > limit) throw new Error(`Internal: ${count} distinct numbers below ${limit}`);
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(rng.integer(limit));
  return [...drawn];
}

/** @throws DataError naming the first class with fewer than `shots + queryShots` examples. */
export function expectEnough(
  where: string,
  classes: readonly { readonly name: string; readonly count: number }[],
  shots: number,
  queryShots: number,
): void {
  const short = classes.find(({ count }) => count < shots + queryShots);
  if (short)
    throw new DataError(
      `${where}: expected at least ${shots} shots + ${queryShots} queryShots = ${shots + queryShots} examples ` +
        `in class '${short.name}', got ${short.count}.`,
    );
}
