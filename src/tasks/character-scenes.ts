import { DataError, expectCount } from '../core/errors';
import { createRng, type Rng } from '../core/rng';
import type { TaskSource } from '../core/task';
import { encodeBoxes, gridOn, targetChannels, type Grid } from './box-targets';
import { detection, type DetectionOptions } from './detection';
import { sceneDrawer, type Scene, type SceneOptions } from './draw-scene';
import type { LabelledSet } from './labelled-set';
import { packExamples } from './pack-examples';
import type { Range } from './sinusoids';

export interface LabelledScenesOptions extends SceneOptions, Omit<DetectionOptions, 'stride' | 'classes'> {
  /** Pixels of a cell of the detector's grid, each way. @default 4 */
  readonly stride?: number;
  /** Fewest and most characters of a scene. @default [3, 6] */
  readonly characters?: Range;
  /** Scenes to predict. @default 8 */
  readonly queryScenes?: number;
}

export interface CharacterScenesOptions extends LabelledScenesOptions {
  /** Annotated boxes (K), one in each support scene: a number, or the fewest and the most. @default 1 */
  readonly shots?: number | Range;
}

/**
 * Few-shot detection of handwritten characters. Each episode has one character to find. A support scene shows it with one box; what
 * else is on it is not annotated, and the loss ignores it. A query scene shows the character never, once or twice, among others, in
 * other sizes and by other hands. Ink is 1, paper 0; boxes are those of the ink.
 *
 * @throws RangeError for an option out of range, DataError for a set without drawings or of one character
 */
export function characterScenes(set: LabelledSet, options: CharacterScenesOptions = {}): TaskSource {
  const { shots = 1, queryScenes = 8 } = options;
  const [fewest, most] = typeof shots === 'number' ? [shots, shots] : shots;
  expectCount('characterScenes: shots', fewest);
  expectCount('characterScenes: shots', most, fewest);
  const { grid, scenes, ...source } = scenesOf('characterScenes', set, options);
  if (scenes.classes.length < 2) throw new DataError(`characterScenes: expected at least 2 characters, got ${scenes.classes.length}.`);

  /** `times` the wanted one, then others. */
  function draw(rng: Rng, wanted: number, times: number): Scene {
    const count = Math.max(times, source.count(rng));
    const other = () => (wanted + 1 + rng.integer(scenes.classes.length - 1)) % scenes.classes.length;
    return scenes.draw(rng, Array.from({ length: count }, (_, index) => (index < times ? wanted : other())));
  }

  return {
    inputShape: source.inputShape,
    targetShape: source.targetShape,
    objective: detection({ ...options, stride: grid.stride, classes: 1 }),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const wanted = rng.integer(scenes.classes.length);
      const isWanted = ({ label }: { readonly label: number }) => label === wanted;
      const support = Array.from({ length: fewest + rng.integer(most - fewest + 1) }, () => {
        const { pixels, boxes: [first, ...others] } = draw(rng, wanted, 1);
        return { x: pixels, y: encodeBoxes(grid, [{ ...first!, label: 0 }], others.map(({ box }) => box)) }; // the first has room
      });
      const query = Array.from({ length: queryScenes }, () => {
        const { pixels, boxes } = draw(rng, wanted, rng.integer(3));
        return { x: pixels, y: encodeBoxes(grid, boxes.filter(isWanted).map((each) => ({ ...each, label: 0 }))) };
      });
      return { support: packExamples(support), query: packExamples(query), about: { class: scenes.classes[wanted]! } };
    },
  };
}

/**
 * Ordinary detection of handwritten characters: scenes in which every character is annotated with its class, those of the set: what a
 * detector is pre-trained on. An episode's support set is one more scene.
 */
export function labelledScenes(set: LabelledSet, options: LabelledScenesOptions = {}): TaskSource {
  const { queryScenes = 8 } = options;
  const { grid, scenes, ...source } = scenesOf('labelledScenes', set, options);
  return {
    inputShape: source.inputShape,
    targetShape: source.targetShape,
    objective: detection({ ...options, stride: grid.stride, classes: scenes.classes.length }),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const [first, ...others] = Array.from({ length: 1 + queryScenes }, () => {
        const { pixels, boxes } = scenes.draw(rng, Array.from({ length: source.count(rng) }, () => rng.integer(scenes.classes.length)));
        return { x: pixels, y: encodeBoxes(grid, boxes) };
      });
      return { support: packExamples([first!]), query: packExamples(others) }; // one more than the queries
    },
  };
}

/** What both kinds of episodes are made of, checked. */
function scenesOf(where: string, set: LabelledSet, options: LabelledScenesOptions) {
  const { size = 64, channels = 1, stride = 4, characters = [3, 6], queryScenes = 8 } = options;
  expectCount(`${where}: queryScenes`, queryScenes);
  expectCount(`${where}: stride`, stride);
  expectCount(`${where}: characters: fewest`, characters[0]);
  expectCount(`${where}: characters: most`, characters[1], characters[0]);
  const scenes = sceneDrawer(where, set, options);
  const grid: Grid = gridOn([size, size], stride);
  return {
    grid,
    scenes,
    inputShape: [size, size, channels],
    targetShape: [grid.rows, grid.columns, targetChannels],
    count: (rng: Rng) => characters[0] + rng.integer(characters[1] - characters[0] + 1),
  };
}
