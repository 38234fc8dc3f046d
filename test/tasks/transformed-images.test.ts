import { describe, expect, test } from 'vitest';
import { areaResizer } from '../../src/tasks/images';
import type { LabelledSet } from '../../src/tasks/labelled-set';
import { transformedImages } from '../../src/tasks/transformed-images';
import { rotateImage } from '../../src/tasks/warp-image';

const rotate = (image: number[], shape: number[], degrees: number) => {
  const into = new Float32Array(image.length);
  rotateImage(Float32Array.from(image), shape, degrees, into);
  return [...into].map((value) => Number(value.toFixed(5)) + 0);
};

describe('images', () => {
  test('a quarter turn is exact and counter-clockwise, channels stay together', () => {
    expect(rotate([1, 2, 3, 4], [2, 2, 1], 90)).toEqual([2, 4, 1, 3]);
    expect(rotate([1, -1, 2, -2, 3, -3, 4, -4], [2, 2, 2], 90)).toEqual([2, -2, 4, -4, 1, -1, 3, -3]);
  });

  test('other angles are bilinear, with 0 outside', () => {
    const [corner, side, , , centre] = rotate(Array(9).fill(1), [3, 3, 1], 45);
    expect(centre).toBe(1);
    expect(side).toBeCloseTo(1, 5);
    expect(corner).toBeCloseTo(2 - Math.SQRT2, 5); // 1 - (√2 - 1) outside in one direction
  });

  test('resizing by area keeps the mean, and splits a pixel that lies over an edge', () => {
    expect([...areaResizer([2, 4, 1], [1, 2])(Uint8Array.of(0, 100, 8, 8, 100, 0, 8, 8))]).toEqual([50, 8]);
    expect([...areaResizer([1, 3, 1], [1, 2])(Uint8Array.of(90, 30, 0))]).toEqual([70, 10]);
    expect([...areaResizer([1, 1, 3], [2, 2])(Uint8Array.of(1, 2, 3))]).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });
});

describe('transformedImages', () => {
  const set: LabelledSet = {
    inputShape: [2, 2, 1],
    classes: ['a', 'b'].map((name, index) => ({ name, examples: Float32Array.from({ length: 16 }, (_, i) => 100 * index + i) })),
  };

  test('episode index is of task index mod tasks, with its row and labels fixed', () => {
    const source = transformedImages(set, { tasks: 3, kind: 'rotation', shots: 1, queryShots: 1 });
    const episodes = Array.from({ length: 6 }, (_, index) => source.sample('seed', index));
    expect(episodes.map(({ row }) => row)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(episodes[0]!.about!.angle).toBe(episodes[3]!.about!.angle);
    expect(new Set(episodes.map(({ about }) => about!.angle)).size).toBe(3);
    episodes.forEach(({ support }) => expect([...support.y]).toEqual([1, 0, 0, 1]));
  });

  test('a permutation is one order of the pixels for the whole task, another seed another one', () => {
    const order = (seed: string, index: number) => {
      const { x } = transformedImages(set, { tasks: 4, kind: 'permutation', shots: 1, queryShots: 1, seed }).sample('s', index).support;
      return [...x.subarray(0, 4)].map((value) => value % 4).join();
    };
    expect(order('one', 0)).toBe(order('one', 4));
    expect(new Set(['one', 'two', 'three', 'four'].flatMap((seed) => [0, 1].map((index) => order(seed, index)))).size).toBeGreaterThan(2);
  });

  test('angles lie in the range asked for, and vectors cannot be rotated', () => {
    const { about } = transformedImages(set, { tasks: 1, kind: 'rotation', shots: 1, queryShots: 1, angles: [30, 30] }).sample('s', 0);
    expect(about!.angle).toBe(30);
    expect(() => transformedImages({ ...set, inputShape: [4] }, { tasks: 1, kind: 'rotation', shots: 1, queryShots: 1 })).toThrow(
      'transformedImages: expected images of shape [height, width, channels], got [4].');
    expect(() => transformedImages(set, { tasks: 1, kind: 'rotation', angles: [0, NaN] })).toThrow('transformedImages: angles: expected [low, high] with low at most high, got [0, NaN].');
    expect(() => transformedImages(set, { tasks: 1, kind: 'rotation' })).toThrow(
      "transformedImages: expected at least 10 shots + 10 queryShots = 20 examples in class 'a', got 4.");
  });
});
