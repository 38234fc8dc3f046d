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
  const gather = (start: number, end: number) => {
    const examples = classes.flatMap(({ read }, label) => drawn[label]!.slice(start, end).map((index) => ({ label, read: (into: Float32Array) => read(index, into) })));
    return gatherExamples(examples, inputSize, classes.length);
  };
  return { support: gather(0, shots), query: gather(shots, shots + queryShots) };
}

/** One example after another, each with a one-hot label of `ways`. */
export function gatherExamples(examples: readonly { readonly label: number; read(into: Float32Array): void }[], inputSize: number, ways: number): ExampleArrays {
  const x = new Float32Array(examples.length * inputSize);
  const y = new Float32Array(examples.length * ways);
  examples.forEach(({ label, read }, index) => {
    read(x.subarray(index * inputSize, (index + 1) * inputSize));
    y[index * ways + label] = 1;
  });
  return { x, y, count: examples.length };
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
