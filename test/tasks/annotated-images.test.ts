import { describe, expect, test } from 'vitest';
import { annotatedImages, type AnnotatedSet } from '../../src/tasks/annotated-images';
import { decodeBoxes, gridOn, targetChannels } from '../../src/tasks/box-targets';
import type { Box } from '../../src/tasks/boxes';
import { testTaskSource } from '../contracts/task-source';

const boxes: readonly Box[] = [[0, 0, 6, 6], [9, 1, 15, 7], [2, 9, 8, 15]];
/** Twelve images that differ in level, each with two cells of one kind and one of another. */
const set: AnnotatedSet = {
  inputShape: [16, 16, 1],
  images: Array.from({ length: 12 }, (_, index) => ({
    pixels: new Uint8Array(256).fill(20 * index),
    boxes: boxes.map((box, at) => ({ box, label: at < 2 ? 'red' : 'white' })),
  })),
};
const grid = gridOn(set.inputShape, 4);
const targetsOf = (y: Float32Array) => Array.from({ length: y.length / 96 }, (_, at) => y.subarray(at * 96, (at + 1) * 96));
const weightAt = (target: Float32Array, x: number, y: number) => target[(Math.floor(y / 4) * 4 + Math.floor(x / 4)) * targetChannels + 1]!;

testTaskSource('annotatedImages', () => annotatedImages(set, { shots: 2, queryImages: 4 }));

describe('annotated images', () => {
  test('a support image has one box of the class; the loss ignores the others', () => {
    const source = annotatedImages(set, { shots: 3, classes: ['red'] });
    const targets = targetsOf(source.sample('red', 0).support.y);
    expect(targets.length).toBe(3);
    for (const target of targets) {
      expect(decodeBoxes(grid, target).length).toBe(1);
      expect(weightAt(target, 5, 12)).toBe(0); // the white one
    }
  });

  test('in a query all boxes of the class are to be found, others are background, ignored ones are nothing', () => {
    const plain = annotatedImages(set, { classes: ['red'], queryImages: 2 }).sample('red', 0);
    const without = annotatedImages(set, { ignored: ['white'], queryImages: 2 }).sample('red', 0);
    expect(without.about).toEqual({ class: 'red' }); // nothing is about an ignored class
    for (const [{ query }, weight] of [[plain, 1], [without, 0]] as const)
      for (const target of targetsOf(query.y)) {
        expect(decodeBoxes(grid, target).length).toBe(2);
        expect(weightAt(target, 5, 12)).toBe(weight);
      }
  });

  test('bytes are read as levels in [0, 1]', () => expect(Math.max(...annotatedImages(set).sample('levels', 1).query.x)).toBeLessThanOrEqual(1));

  test('refuses what does not fit, in a sentence', () => {
    const changed = (image: Partial<AnnotatedSet['images'][number]>) => ({ ...set, images: [{ ...set.images[0]!, ...image }, ...set.images.slice(1)] });
    expect(() => annotatedImages(set, { shots: 9 })).toThrow('annotatedImages: expected at least 9 shots + 8 queryImages = 17 images, got 12.');
    expect(() => annotatedImages(set, { classes: ['blue'] })).toThrow("annotatedImages: expected at least 1 images with 'blue', as many as shots, got 0.");
    expect(() => annotatedImages({ ...set, images: [] })).toThrow('annotatedImages: expected boxes of at least 1 class, got none.');
    expect(() => annotatedImages(changed({ pixels: new Uint8Array(3) }))).toThrow('annotatedImages: image 0: expected 256 values, got 3.');
    expect(() => annotatedImages(changed({ pixels: new Float32Array(256).fill(NaN, 9, 10) }))).toThrow('annotatedImages: image 0: expected finite pixels, got NaN or infinity.');
    const wrong = 'annotatedImages: image 0: expected boxes [left, top, right, bottom] within 16 × 16 pixels, got [9, 9, 17, 12].';
    expect(() => annotatedImages(changed({ boxes: [{ box: [9, 9, 17, 12], label: 'red' }] }))).toThrow(wrong);
    expect(() => annotatedImages({ ...set, images: [...set.images, set.images[1]!] })).toThrow('annotatedImages: image 12: expected different images, got one that is there before');
    expect(() => annotatedImages(set, { shots: 0 })).toThrow('annotatedImages: shots: expected a whole number of at least 1, got 0.');
  });
});
