import { createRng, detection, sceneDrawer, type LabelledSet, type Scene, type TaskSource } from 'hypermeta';
import { encodeBoxes, gridOn, targetChannels } from '../../src/tasks/box-targets';
import { packExamples } from '../../src/tasks/pack-examples';
import { gridStride } from './methods';

export interface ManyCharactersOptions {
  /** Characters of an episode, each a class. */
  readonly ways: number;
  /** Fewest and most boxes of each. */
  readonly shots: readonly [number, number];
  readonly queryScenes: number;
}

const size = 64;
/** Characters of a scene. */
const most = 6;

/**
 * Episodes of several characters at once, to meta-train on: each scene says something of all of them, where an episode of one says
 * something of one. What generates one column of a head generates any number. All boxes of the support scenes are annotated; in query
 * scenes a third of the characters are others.
 */
export function manyCharacters(set: LabelledSet, { ways, shots, queryScenes }: ManyCharactersOptions): TaskSource {
  const scenes = sceneDrawer('detection', set, { size });
  const grid = gridOn([size, size], gridStride);
  return {
    inputShape: [size, size, 1],
    targetShape: [grid.rows, grid.columns, targetChannels],
    objective: detection({ stride: gridStride, classes: ways }),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const wanted = rng.shuffle(Array.from({ length: scenes.classes.length }, (_, character) => character)).slice(0, ways);
      const count = shots[0] + rng.integer(shots[1] - shots[0] + 1);
      const encode = ({ pixels, boxes }: Scene) => ({
        x: pixels,
        y: encodeBoxes(grid, boxes.flatMap(({ box, label }) => (wanted.includes(label) ? [{ box, label: wanted.indexOf(label) }] : []))),
      });
      const shown = Array.from({ length: count }, () => inParts(rng.shuffle(wanted), most / 2)).flat(); // three find room
      const support = shown.map((characters) => encode(scenes.draw(rng, characters)));
      const query = Array.from({ length: queryScenes }, () => {
        const characters = Array.from({ length: 3 + rng.integer(most - 2) }, () => (rng.uniform() < 2 / 3 ? wanted[rng.integer(ways)]! : rng.integer(scenes.classes.length)));
        return encode(scenes.draw(rng, characters));
      });
      return { support: packExamples(support), query: packExamples(query) };
    },
  };
}

function inParts<Item>(items: readonly Item[], length: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, part) => items.slice(part * length, (part + 1) * length));
}
