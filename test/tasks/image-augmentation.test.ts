import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import { fewShot } from '../../src/tasks/few-shot';
import { imageAugmentation, type Augment } from '../../src/tasks/image-augmentation';
import type { LabelledSet } from '../../src/tasks/labelled-set';
import { isFull } from '../helpers/full';
import { testTaskSource } from '../contracts/task-source';

const colours = Float32Array.from({ length: 4 * 5 * 3 }, (_, i) => ((i * 37) % 256) / 255);
const set: LabelledSet = {
  inputShape: [4, 5, 3],
  classes: [0, 1, 2].map((index) => ({ name: `class ${index}`, examples: Uint8Array.from({ length: 4 * 60 }, (_, i) => (i * 29 + index * 90) % 256) })),
};
const times = (augment: Augment, count = 40) => Array.from({ length: count }, (_, index) => augment(colours, createRng(`${index}`), [4, 5, 3]));
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const all = await imageAugmentation({ crop: 0.3, flip: 'horizontal', brightness: 0.2, contrast: 0.2, tint: 0.1 });

testTaskSource('augmented few-shot', () => fewShot(set, { ways: 3, shots: 1, queryShots: 2, augment: all }));

describe('imageAugmentation', () => {
  test('without options an image stays as it is, to a level of 255', async () => {
    const plain = await imageAugmentation();
    times(plain, 2).forEach((image) => expect([...image]).toEqual([...colours]));
  });

  test('a mirror image is one exactly, and every second image is one', async () => {
    const images = times(await imageAugmentation({ flip: 'horizontal' }));
    const mirrored = colours.map((_, i) => colours[(Math.floor(i / 15) * 5 + (4 - (Math.floor(i / 3) % 5))) * 3 + (i % 3)]!);
    const count = images.filter((image) => image.join() === mirrored.join()).length;
    expect(images.filter((image) => image.join() === colours.join())).toHaveLength(40 - count);
    expect(Math.abs(count - 20)).toBeLessThan(10);
  });

  test('a crop is a part of the image, enlarged: a slope is less steep, within its ends', async () => {
    const slope = Float32Array.from({ length: 36 }, (_, i) => (i % 6) / 5);
    const crop = await imageAugmentation({ crop: 0.5 });
    for (let index = 0; index < 20; index++) {
      const cropped = crop(slope, createRng(`${index}`), [6, 6]);
      const steepness = (cropped[5]! - cropped[0]!) / 5;
      expect(steepness).toBeGreaterThan(0.099);
      expect(steepness).toBeLessThan(0.201);
      expect(cropped[0]).toBeGreaterThanOrEqual(0);
      expect(cropped[5]).toBeLessThanOrEqual(1);
    }
  });

  test('brightness and contrast move all channels alike, tint each on its own', async () => {
    const grey = new Float32Array(12).fill(0.4);
    const bright = await imageAugmentation({ brightness: 0.2 });
    const tinted = await imageAugmentation({ tint: 0.2 });
    const flat = await imageAugmentation({ contrast: 1 });
    for (let index = 0; index < 20; index++) {
      const [lighter, coloured, changed] = [bright, tinted, flat].map((augment) => augment(grey, createRng(`${index}`), [2, 2, 3]));
      expect(new Set(lighter).size).toBe(1);
      expect(Math.abs(lighter![0]! - 0.4)).toBeLessThan(0.205);
      expect(new Set(coloured).size).toBe(3);
      expect(changed![0]).toBeGreaterThan(0.295); // 0.5 − 2 · 0.1
      expect(changed![0]).toBeLessThan(0.455); // 0.5 − 0.1 / 2
    }
    expect(Math.abs(mean(times(bright, 200).map((image) => mean(image))) - mean(colours))).toBeLessThan(0.05);
  });

  test('the same chance gives the same image, within 0 and 1, and the image is kept', () =>
    fc.assert(
      fc.property(fc.string(), fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }), (seed, values) => {
        const image = Float32Array.from(values);
        const made = all(image, createRng(seed), [2, 2, 3]);
        expect(made).toEqual(all(image, createRng(seed), [2, 2, 3]));
        expect([...image]).toEqual(values);
        expect(made.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
      { numRuns: isFull ? 10_000 : 200 },
    ));

  test('kept variants are so many for each image, and the same whichever was asked for first', async () => {
    const [one, other] = [await imageAugmentation({ crop: 0.3, variants: 3 }), await imageAugmentation({ crop: 0.3, variants: 3 })];
    const images = times(one);
    expect(new Set(images.map((image) => image.join())).size).toBe(3);
    expect([...images].reverse()).toEqual(Array.from({ length: 40 }, (_, index) => other(colours, createRng(`${39 - index}`), [4, 5, 3])));
    images[0]!.fill(9);
    expect(times(one)[0]).not.toEqual(images[0]);
    expect(times(one, 1)[0]).not.toEqual(one(colours.map((value) => 1 - value), createRng('0'), [4, 5, 3]));
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['no variants', () => imageAugmentation({ variants: 0 }), 'imageAugmentation: variants: expected a whole number of at least 1, got 0.'],
    ['a crop of everything', () => imageAugmentation({ crop: 1 }), 'imageAugmentation: crop: expected a number from 0 and below 1, got 1.'],
    ['a negative contrast', () => imageAugmentation({ contrast: -1 }), 'imageAugmentation: contrast: expected a number from 0, got -1.'],
    ['NaN', () => imageAugmentation({ tint: NaN }), 'imageAugmentation: tint: expected a number from 0 and below 1, got NaN.'],
    ['an unknown flip', () => imageAugmentation({ flip: 'vertical' as 'none' }), "imageAugmentation: flip: expected one of 'none', 'horizontal', got 'vertical'."],
  ])('refuses %s', (_name, make, message) => expect(make()).rejects.toThrow(message));

  test('refuses what is no image', () => {
    expect(() => all(new Float32Array(8), createRng('0'), [2, 2, 2])).toThrow('imageAugmentation: expected images of 1 or 3 channels, got [2, 2, 2].');
    expect(() => all(new Float32Array(8), createRng('0'), [8])).toThrow('imageAugmentation: expected images of shape [height, width, channels], got [8].');
    expect(() => all(new Float32Array(12).fill(255), createRng('0'), [2, 2, 3])).toThrow('imageAugmentation: expected values from 0 to 1, got 255; scale the images first.');
  });
});

describe('fewShot with an augmentation of your own', () => {
  const options = { ways: 3, shots: 1, queryShots: 1 };

  test('changes every example on its own, after the distortion', () => {
    const seen: number[] = [];
    const augment: Augment = (image, rng) => {
      seen.push(mean(image));
      return image.map(() => rng.uniform());
    };
    const { support, query } = fewShot(set, { ...options, distortion: { shift: 0.9 }, augment }).sample('own', 0);
    expect(seen).toHaveLength(6);
    const plain = fewShot(set, options).sample('own', 0);
    expect(seen.map((value) => value.toFixed(3))).not.toContain(mean(plain.support.x.subarray(0, 60)).toFixed(3));
    expect(new Set([...support.x, ...query.x]).size).toBe(6 * 60);
  });

  test('refuses one that gives another number of values', () =>
    expect(() => fewShot(set, { ...options, augment: () => new Float32Array(3) }).sample('s', 0)).toThrow(
      'fewShot: augment: expected 60 values, as many as an example of [4, 5, 3] has, got 3.'));
});
