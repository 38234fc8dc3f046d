import { describe, expect, test } from 'vitest';
import { alphabetEpisodes } from '../../src/tasks/alphabet-episodes';
import { alphabetsOf, backgroundAlphabets, pickAlphabets } from '../../src/tasks/background-sets';
import type { LabelledSet } from '../../src/tasks/labelled-set';
import { stackOnHost } from '../../src/tasks/stack-episodes';
import { testTaskSource } from '../contracts/task-source';

/** Images of 2 × 2; the four pixels of drawing d of character c of alphabet a are a + 1, c + 1, d + 1 and 7. */
function characters(sizes: Readonly<Record<string, number>>, drawers: number): LabelledSet {
  const classes = Object.entries(sizes).flatMap(([group, size], alphabet) =>
    Array.from({ length: size }, (_, character) => ({
      name: `${group}/character${character + 1}`,
      group,
      examples: Float32Array.from({ length: 4 * drawers }, (__, i) => [alphabet + 1, character + 1, Math.floor(i / 4) + 1, 7][i % 4]!),
    })),
  );
  return { inputShape: [2, 2, 1], classes };
}

const set = characters({ Greek: 4, Latin: 6 }, 5);
const pixels = (x: Float32Array) => Array.from({ length: x.length / 4 }, (_, index) => [...x.subarray(4 * index, 4 * index + 4)] as [number, number, number, number]);

testTaskSource('alphabet episodes, distorted', () =>
  alphabetEpisodes(set, { ways: 4, queryDrawers: 2, symmetries: 'all', alphabetDistortion: { scale: 0.3 }, drawingDistortion: { shift: 0.3, wobble: 0.1 } }));

describe('alphabetEpisodes', () => {
  const source = alphabetEpisodes(set, { ways: 4, queryDrawers: 2 });

  test('one drawer shows the characters of one alphabet, others are asked about, in the order of the labels', () => {
    for (let index = 0; index < 20; index++) {
      const { support, query, about } = source.sample('s', index);
      const [shown, asked] = [pixels(support.x), pixels(query.x)];
      expect(new Set([...shown, ...asked].map(([alphabet]) => alphabet)).size).toBe(1);
      expect(new Set(shown.map(([, character]) => character)).size).toBe(4);
      expect(shown.map(([, , drawer]) => drawer)).toEqual(Array(4).fill(shown[0]![2]));
      expect(asked.map(([, character]) => character)).toEqual([...shown, ...shown].map(([, character]) => character));
      const drawers = asked.map(([, , drawer]) => drawer);
      expect(drawers).toEqual([...Array(4).fill(drawers[0]), ...Array(4).fill(drawers[4])]);
      expect(new Set([shown[0]![2], drawers[0], drawers[4]]).size).toBe(3);
      expect([...query.y.subarray(0, 4)]).toEqual([1, 0, 0, 0]);
      expect([...query.y.subarray(16, 20)]).toEqual([1, 0, 0, 0]);
      expect((about!['classes'] as readonly string[])[0]).toBe(`${about!['alphabet'] as string}/character${shown[0]![1]}`);
    }
  });

  test('each character is as likely as another: six of ten episodes are of the alphabet of six', () => {
    const latin = Array.from({ length: 400 }, (_, index) => source.sample('s', index).about!['alphabet']).filter((name) => name === 'Latin').length;
    expect(latin / 400).toBeGreaterThan(0.53);
    expect(latin / 400).toBeLessThan(0.67);
  });

  test('an alphabet of fewer characters leaves the last classes empty, and is padded beside a larger one', () => {
    const small = alphabetEpisodes(set, { ways: 6, queryDrawers: 1 });
    const episodes = Array.from({ length: 20 }, (_, index) => small.sample('s', index));
    const greek = episodes.find(({ about }) => about!['alphabet'] === 'Greek')!;
    const latin = episodes.find(({ about }) => about!['alphabet'] === 'Latin')!;
    expect([greek.support.count, latin.support.count]).toEqual([4, 6]);
    expect([...greek.support.y.subarray(18, 24)]).toEqual([0, 0, 0, 1, 0, 0]);
    const { support } = stackOnHost(small, [greek, latin]);
    expect([...support.weight.values]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test('a symmetry is of the whole alphabet: all drawings of an episode lie the same way', () => {
    const turned = alphabetEpisodes(set, { ways: 4, queryDrawers: 2, symmetries: 'all' });
    const places = Array.from({ length: 60 }, (_, index) => {
      const { support, query } = turned.sample('s', index);
      const sevens = new Set([...pixels(support.x), ...pixels(query.x)].map((image) => image.indexOf(7)));
      expect(sevens.size).toBe(1);
      return [...sevens][0];
    });
    expect(new Set(places)).toEqual(new Set([0, 1, 2, 3]));
  });

  test('refuses what has no drawers in common, by a sentence', () => {
    const ragged = { ...set, classes: [...set.classes, ...characters({ Korean: 1 }, 4).classes] };
    expect(() => alphabetEpisodes(ragged)).toThrow("alphabetEpisodes: expected 5 drawings of every character, got 4 of 'Korean/character1'.");
    expect(() => alphabetEpisodes(set, { queryDrawers: 5 })).toThrow('alphabetEpisodes: expected drawings by at least 6 people, got 5 of each character.');
    const homeless = { ...set, classes: set.classes.map(({ name, examples }) => ({ name, examples })) };
    expect(() => alphabetEpisodes(homeless)).toThrow("alphabetEpisodes: expected a group for every class, got none for 'Greek/character1'.");
    expect(() => alphabetEpisodes({ ...set, inputShape: [4] })).toThrow('alphabetEpisodes: expected images of shape [height, width, channels], got [4].');
    expect(() => alphabetEpisodes(set, { alphabetDistortion: { rotation: NaN } })).toThrow('alphabetEpisodes: alphabetDistortion: rotation: expected a finite number of at least 0, got NaN.');
    expect(() => alphabetEpisodes(set, { ways: 1 })).toThrow('alphabetEpisodes: ways: expected a whole number of at least 2, got 1.');
  });
});

describe('background sets', () => {
  const two = characters({ Greek: 3, Latin: 2 }, 1);

  test('a minimal set is five alphabets; the original one is all', () => {
    expect(backgroundAlphabets('small1')).toEqual(['Balinese', 'Early_Aramaic', 'Greek', 'Korean', 'Latin']);
    expect(backgroundAlphabets('small2')).toEqual(['Greek', 'Japanese_(katakana)', 'Latin', 'Sanskrit', 'Tagalog']);
    expect(backgroundAlphabets('original')).toBeUndefined();
    expect(() => backgroundAlphabets('small3' as 'small2')).toThrow("backgroundAlphabets: set: expected one of 'original', 'small1', 'small2', got 'small3'.");
  });

  test('picks alphabets, and refuses one that is not there', () => {
    expect(alphabetsOf(two)).toEqual(['Greek', 'Latin']);
    expect(pickAlphabets(two, ['Latin']).classes.map(({ name }) => name)).toEqual(['Latin/character1', 'Latin/character2']);
    expect(() => pickAlphabets(two, ['Ogham'])).toThrow("pickAlphabets: expected an alphabet 'Ogham', got Greek, Latin.");
  });
});
