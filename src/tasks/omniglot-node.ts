import { DataError, expectCount, expectOneOf, shown } from '../core/errors';
import { readFileBytes } from '../core/read-file-node';
import { createRng } from '../core/rng';
import type { TaskSplits } from '../core/task';
import { drawingReader } from './drawing';
import { fewShotSplits, type FewShotSplitOptions } from './few-shot';
import type { LabelledClass, LabelledSet } from './labelled-set';
import { readZip } from './read-zip';
import { splitClasses, type LabelledSplits } from './split-classes';
import { splitLikeVinyals } from './vinyals-split';

export interface OmniglotOptions extends FewShotSplitOptions {
  /** Folder that holds `images_background.zip` and `images_evaluation.zip`. */
  readonly dir: string;
  /**
   * `'original'`: meta-train on the background alphabets but a few held out for validation, meta-test on the
   * evaluation alphabets (Lake et al., 2015). `'shuffled'`: all 1,623 characters shuffled, 1,100 / 100 / 423 (Finn et
   * al., 2017). `'vinyals'`: 1,028 / 172 / 423, nearly by alphabet (Vinyals et al., 2016). @default 'original'
   */
  readonly split?: 'original' | 'shuffled' | 'vinyals';
  /** Background alphabets held out for validation in the original split. @default 5 */
  readonly validationAlphabets?: number;
  /** Where turned characters count as classes of their own. @default 'train' */
  readonly rotations?: 'none' | 'train' | 'all';
  /** Height and width of the images. @default 28 */
  readonly size?: number;
  /** Chooses the alphabets or characters held out. @default 'omniglot' */
  readonly seed?: string;
}

/** Few-shot tasks over handwritten characters: inputs `[28, 28, 1]`, ink 1, paper 0. Reads both archives. */
export async function omniglot(options: OmniglotOptions): Promise<TaskSplits> {
  const { dir, split = 'original', size = 28, seed = 'omniglot', validationAlphabets = 5, rotations = 'train', ...rest } = options;
  expectOneOf('omniglot: split', split, ['original', 'shuffled', 'vinyals']);
  expectCount('omniglot: validationAlphabets', validationAlphabets);
  const { join } = process.getBuiltinModule('node:path');
  const background = await readOmniglot(join(dir, 'images_background.zip'), { size });
  const evaluation = await readOmniglot(join(dir, 'images_evaluation.zip'), { size });
  const all = joinSets(background, evaluation);
  const sets = {
    original: () => ({ ...holdOutAlphabets(background, validationAlphabets, seed), test: evaluation }),
    shuffled: () => splitClasses(all, { train: 1100, validation: 100, test: 423 }, seed),
    vinyals: () => splitLikeVinyals(all),
  }[split]();
  return fewShotSplits(sets, { ...rest, rotations });
}

export interface ReadOmniglotOptions {
  /** Height and width of the images. @default 28 */
  readonly size?: number;
  /** Those to read, by their names; the others are not decoded, which takes most of the time. @default all */
  readonly alphabets?: readonly string[];
}

/**
 * One archive of Omniglot in its original layout, `…/ALPHABET/characterNN/NNNN_MM.png`, shrunk by area. A class is
 * named `ALPHABET/characterNN`, its group is the alphabet, its examples are in order of the drawer MM.
 *
 * Source: Lake, Salakhutdinov, Tenenbaum, "Human-level concept learning through probabilistic program induction",
 * Science 350, 2015.
 *
 * @throws DataError for a missing, truncated or corrupt archive, one of another layout, or one without an alphabet asked for.
 */
export async function readOmniglot(zipPath: string, { size = 28, alphabets }: ReadOmniglotOptions = {}): Promise<LabelledSet> {
  expectCount('readOmniglot: size', size);
  const files = await readZip(readFileBytes(zipPath), zipPath, (name) => name.endsWith('.png') && !name.startsWith('__MACOSX/'));
  if (files.length === 0) throw new DataError(`${zipPath}: expected drawings ALPHABET/characterNN/NNNN_MM.png, got none.`);
  const readDrawing = await drawingReader(size);
  const drawings = new Map<string, Uint8Array[]>();
  for (const { name, bytes } of files) {
    const [, alphabet, character] = /([^/]+)\/(character\d+)\/\d+_\d+\.png$/.exec(name) ?? [];
    if (!alphabet) throw new DataError(`${zipPath}: expected a drawing ALPHABET/characterNN/NNNN_MM.png, got '${shown(name)}'.`);
    if (alphabets && !alphabets.includes(alphabet)) continue;
    const key = `${alphabet}/${character}`;
    const drawn = drawings.get(key) ?? [];
    drawings.set(key, drawn);
    drawn.push(readDrawing(bytes, `${zipPath}: ${shown(name)}`));
  }
  const classes = [...drawings].map(([key, images]) => packClass(key, images));
  const missing = alphabets?.find((alphabet) => !classes.some(({ group }) => group === alphabet));
  if (missing !== undefined) throw new DataError(`${zipPath}: expected an alphabet '${missing}', got none of that name.`);
  return { inputShape: [size, size, 1], classes };
}

function packClass(name: string, images: readonly Uint8Array[]): LabelledClass {
  const size = images[0]!.length;
  const examples = new Uint8Array(images.length * size);
  images.forEach((image, index) => examples.set(image, index * size));
  return { name, group: name.split('/')[0]!, examples };
}

function holdOutAlphabets({ classes, inputShape }: LabelledSet, count: number, seed: string): Pick<LabelledSplits, 'train' | 'validation'> {
  const alphabets = [...new Set(classes.map(({ group }) => group))];
  if (count >= alphabets.length)
    throw new RangeError(`omniglot: validationAlphabets: expected fewer than the ${alphabets.length} background alphabets, got ${count}.`);
  const heldOut = new Set(createRng(seed).shuffle(alphabets).slice(0, count));
  return {
    train: { inputShape, classes: classes.filter(({ group }) => !heldOut.has(group)) },
    validation: { inputShape, classes: classes.filter(({ group }) => heldOut.has(group)) },
  };
}

function joinSets(one: LabelledSet, other: LabelledSet): LabelledSet {
  return { ...one, classes: [...one.classes, ...other.classes] };
}
