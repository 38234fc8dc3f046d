import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import { decodeBoxes, gridOn, targetChannels } from '../../src/tasks/box-targets';
import { boxArea, sharedArea } from '../../src/tasks/boxes';
import { characterScenes, labelledScenes } from '../../src/tasks/character-scenes';
import { sceneDrawer } from '../../src/tasks/draw-scene';
import type { LabelledSet } from '../../src/tasks/labelled-set';
import { testTaskSource } from '../contracts/task-source';

/** Characters of 10 × 10: a full square whose level tells the character; the drawer leaves a column of paper on the right. */
const set: LabelledSet = {
  inputShape: [10, 10, 1],
  classes: [100, 150, 200, 250].map((level, index) => ({
    name: `character ${index}`,
    examples: Uint8Array.from({ length: 300 }, (_, at) => (at % 10 < 10 - Math.floor(at / 100) ? level : 0)),
  })),
};
const options = { size: 24, sides: [5, 9], characters: [2, 4], queryScenes: 3 } as const;

testTaskSource('characterScenes', () => characterScenes(set, { ...options, shots: 2, rotations: 'classes' }));
testTaskSource('labelledScenes', () => labelledScenes(set, options));

describe('scenes of characters', () => {
  const drawer = sceneDrawer('test', set, options);

  test('boxes hold the ink and no more: a full square has its level everywhere in its box', () => {
    const { pixels, boxes } = drawer.draw(createRng('one'), [2]);
    const [left, top, right, bottom] = boxes[0]!.box;
    pixels.forEach((value, at) => {
      const [row, column] = [Math.floor(at / 24), at % 24];
      const isIn = row >= top && row < bottom && column >= left && column < right;
      if (isIn) expect(value).toBeGreaterThan(0.2);
      else expect(value).toBe(0);
    });
  });

  test('characters of a scene hardly touch, and have different sizes', () => {
    const sizes = new Set<number>();
    for (let index = 0; index < 50; index++) {
      const { boxes } = drawer.draw(createRng(`scene ${index}`), [0, 1, 2, 3]);
      boxes.forEach(({ box }, at) => {
        sizes.add(box[3] - box[1]);
        for (const other of boxes.slice(0, at)) expect(sharedArea(box, other.box)).toBeLessThanOrEqual(0.1 * Math.min(boxArea(box), boxArea(other.box)));
      });
    }
    expect(Math.min(...sizes)).toBe(5);
    expect(Math.max(...sizes)).toBe(9);
  });

  test('each support scene has one annotated box, and the loss ignores the others', () => {
    const source = characterScenes(set, { ...options, characters: [3, 3], shots: 3 });
    for (let index = 0; index < 10; index++) {
      const { support } = source.sample('boxes', index);
      expect(support.count).toBe(3);
      for (let scene = 0; scene < 3; scene++) {
        const target = support.y.subarray(scene * 36 * targetChannels, (scene + 1) * 36 * targetChannels);
        expect(decodeBoxes(gridOn([24, 24, 1], 4), target).map(({ label }) => label)).toEqual([0]);
        const ink = Array.from({ length: 36 }, (_, cell) => cell).filter((cell) => {
          const [row, column] = [Math.floor(cell / 6), cell % 6];
          return support.x[scene * 576 + (row * 4 + 2) * 24 + column * 4 + 2]! > 0;
        });
        for (const cell of ink) expect(target[cell * targetChannels]! > 0 || target[cell * targetChannels + 1] === 0).toBe(true); // found, or nothing said
      }
    }
  });

  test('queries show the class never, once or twice; a range of shots gives any number of it', () => {
    const source = characterScenes(set, { ...options, shots: [1, 3] });
    const episodes = Array.from({ length: 40 }, (_, index) => source.sample('numbers', index));
    expect([...new Set(episodes.map(({ support }) => support.count))].sort()).toEqual([1, 2, 3]);
    const boxes = episodes.flatMap(({ query }) => [0, 1, 2].map((scene) => decodeBoxes(gridOn([24, 24, 1], 4), query.y.subarray(scene * 216, (scene + 1) * 216)).length));
    expect([...new Set(boxes)].sort()).toEqual([0, 1, 2]);
  });

  test('labelled scenes name every character', () => {
    const source = labelledScenes(set, { ...options, rotations: 'classes' });
    expect(source.objective.outputShape!(source.targetShape)).toEqual([6, 6, 16 + 4]);
    const labels = new Set(Array.from({ length: 40 }, (_, index) => source.sample('names', index).query.y).flatMap((y) => Array.from(y).filter((_, at) => at % 6 === 0)));
    expect(labels.size).toBe(17); // and the background
  });

  test('three channels are alike', () => {
    const { pixels } = sceneDrawer('test', set, { ...options, channels: 3 }).draw(createRng('one'), [1]);
    expect(pixels.length).toBe(24 * 24 * 3);
    for (let at = 0; at < pixels.length; at += 3) expect([pixels[at + 1], pixels[at + 2]]).toEqual([pixels[at], pixels[at]]);
  });

  test('refuses what does not fit, in a sentence', () => {
    expect(() => characterScenes({ ...set, classes: set.classes.slice(1, 2) })).toThrow('characterScenes: expected at least 2 characters, got 1.');
    expect(() => characterScenes(set, { shots: [3, 2] })).toThrow('characterScenes: shots: expected a whole number of at least 3, got 2.');
    expect(() => characterScenes(set, { size: 20 })).toThrow('characterScenes: sides: expected at most the size of a scene, 20, got 28.');
    expect(() => labelledScenes({ ...set, inputShape: [10, 10] , classes: [] })).toThrow('labelledScenes: expected at least 1 class, got none.');
    expect(() => labelledScenes({ inputShape: [5, 20, 1], classes: [{ name: 'a', examples: new Uint8Array(100) }] })).toThrow('labelledScenes: expected square drawings with 1 channel, got 5 × 20 × 1.');
  });
});
