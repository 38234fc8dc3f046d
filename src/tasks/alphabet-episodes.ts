import { DataError, expectCount, expectOneOf } from '../core/errors';
import { createRng } from '../core/rng';
import { sizeOf } from '../core/shape';
import type { ExampleArrays, TaskSource } from '../core/task';
import { drawDistinct, gatherExamples } from './draw-episode';
import { imageSize } from './images';
import { countExamples, expectLabelledSet, groupClasses, readExample, type LabelledClass, type LabelledSet } from './labelled-set';
import { classification } from './objectives';
import { drawWarp, expectDistortion, joinWarps, symmetryWarp, type Distortion, type Warp } from './warp';
import { warpImage } from './warp-image';

export interface AlphabetEpisodesOptions {
  /** Characters of an episode; an alphabet of fewer gives as many as it has. @default 20 */
  readonly ways?: number;
  /** People whose drawings are the queries. @default 3 */
  readonly queryDrawers?: number;
  /** Whether an alphabet that is turned by quarters, or that and mirrored, is another alphabet. @default 'none' */
  readonly symmetries?: 'none' | 'turns' | 'all';
  /** Of the whole alphabet of an episode, the same for all its drawings; without wobble. @default none */
  readonly alphabetDistortion?: Omit<Distortion, 'wobble'>;
  /** Of each drawing on its own. @default none */
  readonly drawingDistortion?: Distortion;
}

/**
 * One-shot episodes within an alphabet, as the Omniglot challenge asks for them: the support set holds one drawing of each
 * of `ways` characters, all by one person; the queries are drawings of the same characters by others. Example i of every
 * character must be by the same person, as in `readOmniglot`. Each character is as likely as another.
 *
 * Where an alphabet has fewer characters, its episodes have fewer examples and leave the last classes empty.
 *
 * Source: Lake, Salakhutdinov, Tenenbaum, "Human-level concept learning through probabilistic program induction",
 * Science 350, 2015, figure 5.
 *
 * @throws DataError for characters without an alphabet, too few drawings, or other numbers of them
 */
export function alphabetEpisodes(set: LabelledSet, options: AlphabetEpisodesOptions = {}): TaskSource {
  const { ways = 20, queryDrawers = 3, symmetries = 'none', alphabetDistortion = {}, drawingDistortion } = options;
  expectCount('alphabetEpisodes: ways', ways, 2);
  expectCount('alphabetEpisodes: queryDrawers', queryDrawers);
  expectOneOf('alphabetEpisodes: symmetries', symmetries, ['none', 'turns', 'all']);
  expectDistortion('alphabetEpisodes: alphabetDistortion', alphabetDistortion);
  expectDistortion('alphabetEpisodes: drawingDistortion', drawingDistortion ?? {});
  expectLabelledSet('alphabetEpisodes', set);
  imageSize('alphabetEpisodes', set.inputShape);
  const drawers = countDrawers(set, 1 + queryDrawers);
  const alphabets = new Map(groupClasses('alphabetEpisodes', set.classes).map((classes) => [classes[0]!.group, classes])); // no group is empty
  const layouts = { none: 1, turns: 4, all: 8 }[symmetries];
  return {
    inputShape: set.inputShape,
    targetShape: [ways],
    objective: classification,
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const { group } = set.classes[rng.integer(set.classes.length)]!;
      const alphabet = alphabets.get(group)!; // every class is in one
      const members = drawDistinct(rng, alphabet.length, Math.min(ways, alphabet.length)).map((member) => alphabet[member]!);
      const [first, ...others] = drawDistinct(rng, drawers, 1 + queryDrawers) as [number, ...number[]];
      const whole = joinWarps(symmetryWarp(rng.integer(layouts)), drawWarp(rng, alphabetDistortion));
      const isPlain = symmetries === 'none' && Object.keys(alphabetDistortion).length === 0 && !drawingDistortion;
      const chance = isPlain ? undefined : () => joinWarps(whole, drawWarp(rng, drawingDistortion ?? {}));
      return {
        support: gather(set, members, [first], ways, chance),
        query: gather(set, members, others, ways, chance),
        about: { alphabet: group!, classes: members.map(({ name }) => name), drawers: [first, ...others].map(String) },
      };
    },
  };
}

/** Drawings of each member by each drawer, drawer after drawer, each warped on its own. */
function gather(
  set: LabelledSet,
  members: readonly LabelledClass[],
  drawers: readonly number[],
  ways: number,
  chance: (() => Warp) | undefined,
): ExampleArrays {
  const size = sizeOf(set.inputShape);
  const original = new Float32Array(size);
  const read = (member: LabelledClass, drawer: number, into: Float32Array) => {
    readExample(member, drawer, chance ? original : into);
    if (chance) warpImage(original, set.inputShape, chance(), into);
  };
  const examples = drawers.flatMap((drawer) => members.map((member, label) => ({ label, read: (into: Float32Array) => read(member, drawer, into) })));
  return gatherExamples(examples, size, ways);
}

/** How many people drew every character. @throws DataError where not all drew all, or there are too few */
function countDrawers(set: LabelledSet, least: number): number {
  const count = countExamples(set, set.classes[0]!); // a checked set has classes
  const other = set.classes.find((member) => countExamples(set, member) !== count);
  if (other)
    throw new DataError(`alphabetEpisodes: expected ${count} drawings of every character, got ${countExamples(set, other)} of '${other.name}'.`);
  if (count < least)
    throw new DataError(`alphabetEpisodes: expected drawings by at least ${least} people, got ${count} of each character.`);
  return count;
}
