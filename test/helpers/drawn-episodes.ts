import { join } from 'node:path';
import { createRng, readOmniglot, type LabelledSet } from '../../src/index';
import type { Drawing } from '../../examples/browser/strokes';
import { traceSkeleton } from './skeleton';

/** One drawing of each of five characters to learn from, and five more of each to ask about: all as strokes. */
export interface DrawnEpisode {
  readonly support: readonly Drawing[];
  readonly queries: readonly { readonly label: number; readonly drawing: Drawing }[];
}

const [ways, queryShots, drawings] = [5, 5, 20] as const;

/** Episodes of characters of Omniglot's evaluation alphabets, traced along their skeletons. */
export async function drawnEpisodes(data: string, count: number): Promise<readonly DrawnEpisode[]> {
  const set = await readOmniglot(join(data, 'images_evaluation.zip'), { size: 105 });
  return Array.from({ length: count }, (_, index) => {
    const rng = createRng(`drawn/${index}`);
    const classes = pick(ways, set.classes.length, (most) => rng.integer(most));
    const chosen = classes.map((member) => pick(1 + queryShots, drawings, (most) => rng.integer(most)).map((drawing) => trace(set, member, drawing)));
    return {
      support: chosen.map(([first]) => first!),
      queries: chosen.flatMap(([, ...others], label) => others.map((drawing) => ({ label, drawing }))),
    };
  });
}

function trace({ classes }: LabelledSet, member: number, drawing: number): Drawing {
  const size = 105;
  const pixels = classes[member]!.examples.subarray(drawing * size * size, (drawing + 1) * size * size);
  const paths = traceSkeleton((row, column) => pixels[row * size + column]! > 127, size);
  return paths.map((path) => path.filter((_, index) => index % 3 === 0 || index === path.length - 1).map(([row, column]) => [(column + 0.5) / size, (row + 0.5) / size]));
}

function pick(count: number, of: number, draw: (most: number) => number): readonly number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(draw(of));
  return [...chosen];
}
