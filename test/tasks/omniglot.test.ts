import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { countExamples, type LabelledClass } from '../../src/tasks/labelled-set';
import { omniglot, readOmniglot } from '../../src/tasks/omniglot-node';
import { readZip } from '../../src/tasks/read-zip';
import { splitLikeVinyals } from '../../src/tasks/vinyals-split';
import { isFull } from '../helpers/full';
import { testTaskSplits } from '../contracts/task-source';
import { drawing, omniglotZip, realData, withFiles } from './files';

const background = omniglotZip('images_background', ['Greek', 'Latin', 'Futurama'], 3, 4);
const evaluation = omniglotZip('images_evaluation', ['Tibetan'], 3, 4);
const archives = { 'images_background.zip': background, 'images_evaluation.zip': evaluation };

describe('readOmniglot', () => {
  test('classes are characters, groups alphabets, examples in order of the drawer, ink 255', () =>
    withFiles(archives, async (dir) => {
      const set = await readOmniglot(join(dir, 'images_background.zip'), { size: 35 });
      expect(set.inputShape).toEqual([35, 35, 1]);
      expect(set.classes.length).toBe(9);
      const second = set.classes.find(({ name }) => name === 'Greek/character02')!;
      expect(second.group).toBe('Greek');
      expect(countExamples(set, second)).toBe(4);
      const inkRows = [0, 1, 2, 3].map((drawer) => {
        const image = second.examples.subarray(drawer * 35 * 35, (drawer + 1) * 35 * 35);
        expect(new Set(image)).toEqual(new Set([0, 255]));
        return image.filter((level) => level === 255).length / 35;
      });
      expect(inkRows).toEqual([3, 4, 5, 6]); // 3 rows of 105 are 1 of 35
    }));

  test('reads only the alphabets asked for, and refuses one that is not there', () =>
    withFiles(archives, async (dir) => {
      const file = join(dir, 'images_background.zip');
      const { classes } = await readOmniglot(file, { alphabets: ['Latin'] });
      expect(classes.map(({ name }) => name)).toEqual(['Latin/character01', 'Latin/character02', 'Latin/character03']);
      await expect(readOmniglot(file, { alphabets: ['Latin', 'Ogham'] })).rejects.toThrow("images_background.zip: expected an alphabet 'Ogham', got none of that name.");
    }));

  test('refuses a missing, cut, empty or different archive, naming it', () => {
    const other = zipSync({ 'Greek/alpha.png': drawing(1) });
    const small = zipSync({ 'Greek/character01/0001_01.png': drawing(1).subarray(0, 60) });
    return withFiles({ cut: background.subarray(0, 2000), text: new Uint8Array(500), other, none: zipSync({ readme: new Uint8Array(9) }), small }, async (dir) => {
      const refuse = (file: string, message: string) => expect(readOmniglot(join(dir, file))).rejects.toThrow(`${file}: ${message}`);
      await refuse('absent.zip', 'expected a file, got nothing there.');
      await refuse('cut', 'expected a zip archive, got a truncated or corrupt one');
      await refuse('text', 'expected a zip archive, got a truncated or corrupt one');
      await refuse('other', "expected a drawing ALPHABET/characterNN/NNNN_MM.png, got 'Greek/alpha.png'.");
      await refuse('none', 'expected drawings ALPHABET/characterNN/NNNN_MM.png, got none.');
      await refuse('small', 'Greek/character01/0001_01.png: expected a PNG image, got a truncated or corrupt one');
    });
  });

  test('a zip that promises more than the limits is refused before it is unpacked', async () => {
    const archive = zipSync({ big: new Uint8Array(5000) });
    await expect(readZip(archive, 'bomb.zip', () => true, { maxFileBytes: 4999 })).rejects.toThrow(
      "bomb.zip: expected files of at most 4999 bytes, 1073741824 in all, got 5000 in 'big', 5000 so far.");
  });
});

describe('omniglot', () => {
  const protocol = { ways: 3, queryShots: 2, validationAlphabets: 1 } as const;

  test('the original split meta-tests on the evaluation alphabets, and validates on background alphabets', () =>
    withFiles(archives, async (dir) => {
      const splits = await omniglot({ dir, ...protocol, within: 'group' });
      const alphabets = (source: typeof splits.train) =>
        new Set(Array.from({ length: 40 }, (_, i) => source.sample('a', i).about!.classes as string[]).flat().map((name) => name.split('/')[0]));
      expect(alphabets(splits.test)).toEqual(new Set(['Tibetan']));
      expect([alphabets(splits.train).size, alphabets(splits.validation).size]).toEqual([2, 1]);
    }));

  test("Vinyals' split asks for all of Omniglot", () =>
    withFiles(archives, (dir) =>
      expect(omniglot({ dir, split: 'vinyals' })).rejects.toThrow(
        "splitLikeVinyals: train: expected 1028 characters of Omniglot's two archives, got 9.")));

  test('more validation alphabets than there are is refused', () =>
    withFiles(archives, (dir) =>
      expect(omniglot({ dir, validationAlphabets: 3 })).rejects.toThrow(
        'omniglot: validationAlphabets: expected fewer than the 3 background alphabets, got 3.')));

  testTaskSplits('omniglot, turned', async () => {
    let splits: Awaited<ReturnType<typeof omniglot>>;
    await withFiles(archives, async (dir) => {
      splits = await omniglot({ dir, ...protocol, rotations: 'all' });
    });
    return splits!;
  });
});

const real = realData('omniglot');
/** The characters of a real archive, without a drawing: what its names say. */
function listCharacters(file: string): LabelledClass[] {
  const names = new Set<string>();
  unzipSync(readFileSync(join(real!, file)), { filter: ({ name }) => (names.add(/([^/]+\/character\d+)\/.*png$/.exec(name)?.[1] ?? ''), false) });
  names.delete('');
  return [...names].map((name) => ({ name, group: name.split('/')[0]!, examples: new Uint8Array(1) }));
}

test.skipIf(!real)("Vinyals' split of the real archives: as many characters as published, each once", () => {
  const classes = ['images_background.zip', 'images_evaluation.zip'].flatMap(listCharacters);
  const { train, validation, test: unseen } = splitLikeVinyals({ inputShape: [1], classes });
  expect([train, validation, unseen].map((set) => set.classes.length)).toEqual([1028, 172, 423]);
  const names = [train, validation, unseen].flatMap((set) => set.classes.map(({ name }) => name));
  expect(new Set(names).size).toBe(1623);
  const gurmukhi = unseen.classes.filter(({ group }) => group === 'Gurmukhi').map(({ name }) => name);
  expect(gurmukhi).toEqual([42, 43, 44, 45].map((character) => `Gurmukhi/character${character}`));
  const divided = train.classes.filter(({ group }) => unseen.classes.some((other) => other.group === group));
  expect(new Set(divided.map(({ group }) => group))).toEqual(new Set(['Gurmukhi']));
});

test.skipIf(!real)('the real evaluation archive: 659 characters of 20 alphabets, 20 drawings each', async () => {
  const [some, counts] = isFull ? [undefined, [659, 20]] : [['Atlantean', 'Tibetan'], [68, 2]]; // two take a tenth of the time
  const set = await readOmniglot(join(real!, 'images_evaluation.zip'), some ? { alphabets: some } : {});
  expect([set.classes.length, new Set(set.classes.map(({ group }) => group)).size]).toEqual(counts);
  expect(new Set(set.classes.map((character) => countExamples(set, character)))).toEqual(new Set([20]));
  const levels = [...set.classes[0]!.examples];
  const ink = levels.reduce((sum, level) => sum + level, 0) / levels.length / 255;
  expect(ink).toBeGreaterThan(0.01);
  expect(ink).toBeLessThan(0.2);
});
