import { DataError, expectCount, expectOneOf, ShapeError } from '../core/errors';
import { createRng, type Rng } from '../core/rng';
import { formatShape, sizeOf, type Shape } from '../core/shape';
import type { TaskSource, TaskSplits } from '../core/task';
import { drawDistinct, drawEpisode, expectEnough, type EpisodeClass } from './draw-episode';
import type { Augment } from './image-augmentation';
import { imageSize, reorder, turnOrder } from './images';
import { countExamples, expectLabelledSet, groupClasses, readExample, type LabelledClass, type LabelledSet } from './labelled-set';
import { classification } from './objectives';
import type { LabelledSplits } from './split-classes';
import { drawWarp, expectDistortion, type Distortion, type Warp } from './warp';
import { warpImage } from './warp-image';

export interface FewShotOptions {
  /** Classes per episode (N). @default 5 */
  readonly ways?: number;
  /** Support examples per class (K). @default 1 */
  readonly shots?: number;
  /** Query examples per class. @default 15 */
  readonly queryShots?: number;
  /** `'classes'`: a class turned by 90°, 180° and 270° is three more classes. Square images only. @default 'none' */
  readonly rotations?: 'none' | 'classes';
  /**
   * `'group'`: all classes of an episode come from one group, such as an alphabet, and share one rotation. Each group
   * is as likely as another; groups of fewer than `ways` classes are left out. @default 'anywhere'
   */
  readonly within?: 'anywhere' | 'group';
  /** Changes every drawing of an episode by chance, each on its own: against learning the drawings by heart. @default none */
  readonly distortion?: Distortion;
  /**
   * Changes every example of an episode by chance, each on its own and after the distortion: that of `imageAugmentation`, or a
   * function of your own, of images or other values. @default none
   */
  readonly augment?: Augment;
}

/**
 * N-way K-shot episodes: `ways` classes in random order, so that a label means nothing beyond its episode. Class
 * names are in the episode's `about.classes`.
 *
 * Source: Vinyals et al., "Matching Networks for One Shot Learning", 2016 (arXiv 1606.04080), section 4.1; rotations
 * as classes: Santoro et al., 2016 (arXiv 1605.06065), section 4.2.
 *
 * @throws RangeError for an option out of range; DataError for fewer classes than ways, or a class of fewer than shots + queryShots examples.
 */
export function fewShot(set: LabelledSet, options: FewShotOptions = {}): TaskSource {
  const { ways = 5, shots = 1, queryShots = 15, rotations = 'none', within = 'anywhere', distortion, augment } = options;
  expectCount('fewShot: ways', ways, 2);
  expectCount('fewShot: shots', shots);
  expectCount('fewShot: queryShots', queryShots);
  expectOneOf('fewShot: rotations', rotations, ['none', 'classes']);
  expectOneOf('fewShot: within', within, ['anywhere', 'group']);
  expectLabelledSet('fewShot', set);
  if (distortion) {
    expectDistortion('fewShot: distortion', distortion);
    imageSize('fewShot: distortion', set.inputShape);
  }
  const pools = poolClasses(set, rotations, within).filter(({ length }) => length >= ways);
  if (pools.length === 0) throw new DataError(tooFewClasses(set, ways, rotations, within));
  pools.forEach((pool) => expectEnough('fewShot', pool, shots, queryShots));
  const inputSize = sizeOf(set.inputShape);
  return {
    inputShape: set.inputShape,
    targetShape: [ways],
    objective: classification,
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const classes = drawClasses(rng, pools[rng.integer(pools.length)]!, ways);
      const distorted = distortion ? classes.map((member) => distortedClass(member, set.inputShape, () => drawWarp(rng, distortion))) : classes;
      const shown = augment ? distorted.map((member) => augmentedClass(member, set.inputShape, rng, augment)) : distorted;
      const episode = drawEpisode(rng, shown, { inputSize, shots, queryShots });
      return { ...episode, about: { classes: classes.map(({ name }) => name) } };
    },
  };
}

export interface FewShotSplitOptions extends Omit<FewShotOptions, 'rotations' | 'distortion' | 'augment'> {
  /** Where turned classes count as classes of their own. @default 'none' */
  readonly rotations?: 'none' | 'train' | 'all';
  /**
   * What differs in meta-training: more ways than at the test make harder episodes and better features (Snell et al.,
   * 2017, section 2.6).
   */
  readonly train?: Pick<FewShotOptions, 'ways' | 'shots' | 'queryShots' | 'distortion' | 'augment'>;
}

/** The same protocol over three sets of classes. */
export function fewShotSplits(sets: LabelledSplits, options: FewShotSplitOptions = {}): TaskSplits {
  const { rotations = 'none', train = {}, ...rest } = options;
  expectOneOf('fewShotSplits: rotations', rotations, ['none', 'train', 'all']);
  const unseen = { ...rest, rotations: rotations === 'all' ? 'classes' : 'none' } as const;
  return {
    train: fewShot(sets.train, { ...rest, ...train, rotations: rotations === 'none' ? 'none' : 'classes' }),
    validation: fewShot(sets.validation, unseen),
    test: fewShot(sets.test, unseen),
  };
}

/** Lists of classes that may meet in an episode: one list of all, or one for each group and rotation. */
function poolClasses(
  set: LabelledSet,
  rotations: 'none' | 'classes',
  within: 'anywhere' | 'group',
): readonly (readonly EpisodeClass[])[] {
  const upright = (member: LabelledClass): EpisodeClass => ({
    name: member.name,
    count: countExamples(set, member),
    read: (index, into) => readExample(member, index, into),
  });
  const groups = within === 'group' ? groupClasses('fewShot', set.classes) : [set.classes];
  const pools = groups.map((classes) => classes.map((member) => upright(member)));
  if (rotations === 'none') return pools;
  const turned = [1, 2, 3].flatMap((turn) => {
    const order = turnOrder('fewShot: rotations', set.inputShape, turn);
    return pools.map((pool) => pool.map((member) => turnedClass(member, order, turn * 90)));
  });
  return within === 'group' ? [...pools, ...turned] : [[...pools, ...turned].flat()];
}

function turnedClass(member: EpisodeClass, order: Int32Array, degrees: number): EpisodeClass {
  return {
    name: `${member.name} (${degrees}°)`,
    count: member.count,
    read(index, into) {
      const upright = new Float32Array(into.length);
      member.read(index, upright);
      reorder(upright, order, into);
    },
  };
}

function distortedClass(member: EpisodeClass, shape: Shape, chance: () => Warp): EpisodeClass {
  return {
    ...member,
    read(index, into) {
      const original = new Float32Array(into.length);
      member.read(index, original);
      warpImage(original, shape, chance(), into);
    },
  };
}

/** @throws ShapeError from `read`, if the augmentation gives another number of values */
function augmentedClass(member: EpisodeClass, shape: Shape, rng: Rng, augment: Augment): EpisodeClass {
  return {
    ...member,
    read(index, into) {
      const original = new Float32Array(into.length);
      member.read(index, original);
      const changed = augment(original, rng, shape);
      if (changed.length !== into.length)
        throw new ShapeError(`fewShot: augment: expected ${into.length} values, as many as an example of ${formatShape(shape)} has, got ${changed.length}.`);
      into.set(changed);
    },
  };
}

function drawClasses(rng: Rng, pool: readonly EpisodeClass[], ways: number): readonly EpisodeClass[] {
  return drawDistinct(rng, pool.length, ways).map((index) => pool[index]!);
}

function tooFewClasses({ classes }: LabelledSet, ways: number, rotations: string, within: string): string {
  if (within === 'anywhere') {
    const turned = rotations === 'classes' ? ' and their rotations' : '';
    return `fewShot: expected at least ${ways} classes for ${ways} ways, got ${classes.length}${turned}.`;
  }
  const largest = Math.max(...groupClasses('fewShot', classes).map(({ length }) => length));
  return `fewShot: expected a group of at least ${ways} classes for ${ways} ways, got ${largest} in the largest.`;
}
