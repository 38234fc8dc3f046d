import { expectCount, expectOneOf } from '../core/errors';
import { createRng } from '../core/rng';
import { sizeOf, type Shape } from '../core/shape';
import type { TaskSource } from '../core/task';
import { drawEpisode, expectEnough } from './draw-episode';
import { imageSize, reorder } from './images';
import { countExamples, expectLabelledSet, readExample, type LabelledSet } from './labelled-set';
import { classification } from './objectives';
import { expectRange, type Range } from './sinusoids';
import { rotateImage } from './warp-image';

export interface TransformedImagesOptions {
  /** Number of tasks. */
  readonly tasks: number;
  /** `'rotation'`: by an angle of the task's own. `'permutation'`: pixels in an order of the task's own. */
  readonly kind: 'rotation' | 'permutation';
  /** Support examples per class. @default 10 */
  readonly shots?: number;
  /** Query examples per class. @default 10 */
  readonly queryShots?: number;
  /** Lowest and highest angle in degrees. @default [0, 180] */
  readonly angles?: Range;
  /** Chooses the angles or permutations: another seed, other tasks. @default 'tasks' */
  readonly seed?: string;
}

/** Writes one image as its task shows it. */
type Transform = (image: Float32Array, into: Float32Array) => void;

/**
 * Known tasks over one labelled set: in each, all classes under one fixed rotation or permutation of the pixels.
 * Class `i` has label i in every task. Episode `index` is of task `index % tasks`, which is also its `row`, so that
 * a batch of `tasks` episodes holds each task once.
 *
 * Source: permuted digits: Goodfellow et al., 2013 (arXiv 1312.6211), section 5.1; rotated digits: Lopez-Paz,
 * Ranzato, 2017 (arXiv 1706.08840), section 5.
 *
 * @throws ShapeError for a rotation of what is no image; DataError for a class with too few examples.
 */
export function transformedImages(set: LabelledSet, options: TransformedImagesOptions): TaskSource {
  const { tasks, kind, shots = 10, queryShots = 10, angles = [0, 180], seed = 'tasks' } = options;
  expectCount('transformedImages: tasks', tasks);
  expectOneOf('transformedImages: kind', kind, ['rotation', 'permutation']);
  expectCount('transformedImages: shots', shots);
  expectCount('transformedImages: queryShots', queryShots);
  expectRange('transformedImages: angles', angles);
  expectLabelledSet('transformedImages', set);
  const members = set.classes.map((member) => ({ name: member.name, count: countExamples(set, member), member }));
  expectEnough('transformedImages', members, shots, queryShots);
  const inputSize = sizeOf(set.inputShape);
  const family = Array.from({ length: tasks }, (_, task) =>
    kind === 'rotation'
      ? rotation(set.inputShape, angles, `${seed}/${task}`)
      : { about: {}, transform: permutation(inputSize, `${seed}/${task}`) },
  );
  return {
    inputShape: set.inputShape,
    targetShape: [members.length],
    objective: classification,
    rows: tasks,
    sample(stream, index) {
      const row = index % tasks;
      const { about, transform } = family[row]!; // one for each row
      const classes = members.map(({ name, count, member }) => ({
        name,
        count,
        read(example: number, into: Float32Array) {
          const original = new Float32Array(inputSize);
          readExample(member, example, original);
          transform(original, into);
        },
      }));
      const episode = drawEpisode(createRng(`${stream}/${index}`), classes, { inputSize, shots, queryShots });
      return { ...episode, row, about: { kind, ...about, classes: classes.map(({ name }) => name) } };
    },
  };
}

function rotation(shape: Shape, [low, high]: Range, seed: string): { about: { angle: number }; transform: Transform } {
  imageSize('transformedImages', shape);
  const angle = low + (high - low) * createRng(seed).uniform();
  return { about: { angle }, transform: (image, into) => rotateImage(image, shape, angle, into) };
}

function permutation(size: number, seed: string): Transform {
  const order = Int32Array.from(createRng(seed).shuffle(Array.from({ length: size }, (_, index) => index)));
  return (image, into) => reorder(image, order, into);
}
