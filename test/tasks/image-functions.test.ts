import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExampleArrays } from '../../src/core/task';
import { imageFunctions } from '../../src/tasks/image-functions';
import { labelledSet } from '../../src/tasks/labelled-set';
import { pixelGrid } from '../../src/tasks/pixel-grid';
import { testTaskSource } from '../contracts/task-source';
import { isFull } from '../helpers/full';

/** Images in which channel 0 of a pixel is its place and channel 1 the image's number, both in hundredths. */
function numbered(count: number, height: number, width: number) {
  const pixels = height * width;
  const images = Array.from({ length: count }, (_, image) => Float32Array.from({ length: 2 * pixels }, (__, i) => (i % 2 ? image : i / 2) / 100));
  return labelledSet({ x: images, y: images.map((_, image) => image % 2), inputShape: [height, width, 2] });
}

const set = numbered(6, 4, 5);

testTaskSource('imageFunctions', () => imageFunctions(set, { given: 7, queries: 6, among: 'rest' }));
testTaskSource('imageFunctions of crops', () => imageFunctions(set, { given: 3, queries: 4, among: 'rest', crop: [3, 3] }));

/** The places of the pixels, told from their values; in [0, 1] hundredths are exact enough. */
const placesOf = ({ y, count }: ExampleArrays) => Array.from({ length: count }, (_, pixel) => Math.round(100 * y[2 * pixel]!));

describe('imageFunctions', () => {
  test('the query set is every pixel, row by row, where it is', () => {
    const { query, about } = imageFunctions(set, { given: 3 }).sample('all', 0);
    expect(query.x).toEqual(pixelGrid([4, 5]));
    expect(placesOf(query)).toEqual(Array.from({ length: 20 }, (_, place) => place));
    expect(about).toEqual({ class: expect.stringMatching(/[01]/) as string, image: expect.any(Number) as number, given: 3 });
  });

  test('an example is a pixel at its place', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (given, queries, index) => {
        const { support, query } = imageFunctions(set, { given, queries }).sample('places', index);
        const grid = pixelGrid([4, 5]);
        for (const part of [support, query]) {
          const places = placesOf(part);
          expect(new Set(places).size).toBe(part.count);
          places.forEach((place, pixel) => expect(part.x.subarray(2 * pixel, 2 * pixel + 2)).toEqual(grid.subarray(2 * place, 2 * place + 2)));
        }
        expect([support.count, query.count]).toEqual([given, queries]);
      }),
      { numRuns: isFull ? 10_000 : 200 },
    ));

  test('pixels in order are the first rows', () => expect(placesOf(imageFunctions(set, { given: 7, order: 'rows' }).sample('rows', 3).support)).toEqual([0, 1, 2, 3, 4, 5, 6]));

  test('all pixels can be given', () => expect(imageFunctions(set, { given: 'all', queries: 2 }).sample('all', 1).support.count).toBe(20));

  test('of several numbers of given pixels each episode draws one, alike in runs as long as a batch', () => {
    const source = imageFunctions(set, { given: [2, 5, 9], queries: 1, alike: 4 });
    const counts = Array.from({ length: 80 }, (_, index) => source.sample('alike', index).support.count);
    for (let first = 0; first < 80; first += 4) expect(new Set(counts.slice(first, first + 4)).size).toBe(1);
    expect(new Set(counts)).toEqual(new Set([2, 5, 9]));
  });

  test('a crop is a part of the image, from anywhere, at coordinates of its own', () => {
    const source = imageFunctions(set, { given: 2, crop: [2, 3] });
    const corners = Array.from({ length: 60 }, (_, index) => {
      const { query } = source.sample('crop', index);
      const places = placesOf(query);
      const [corner] = places as [number];
      expect(places).toEqual([0, 1, 2, 5, 6, 7].map((offset) => corner + offset));
      expect(query.x).toEqual(pixelGrid([2, 3]));
      return corner;
    });
    expect(new Set(corners)).toEqual(new Set([0, 1, 2, 5, 6, 7, 10, 11, 12]));
  });

  test('every class is as likely as another, whatever its size', () => {
    const uneven = { ...set, classes: [{ ...set.classes[0]!, examples: set.classes[0]!.examples.slice(0, 40) }, set.classes[1]!] };
    const source = imageFunctions(uneven, { given: 1, queries: 1 });
    const first = Array.from({ length: 200 }, (_, index) => source.sample('even', index).about!.class).filter((name) => name === '0').length;
    expect(first).toBeGreaterThan(75);
    expect(first).toBeLessThan(125);
  });

  test('refuses what cannot be drawn', () => {
    expect(() => imageFunctions(set, { given: 0 })).toThrow('imageFunctions: given: expected a whole number of at least 1, got 0.');
    expect(() => imageFunctions(set, { given: [] })).toThrow('imageFunctions: given: number of numbers: expected a whole number of at least 1, got 0.');
    expect(() => imageFunctions(set, { given: [3, 21] })).toThrow('imageFunctions: expected at most 20 pixels, as many as there are in 4 × 5, got 21; ask for fewer.');
    expect(() => imageFunctions(set, { given: 15, queries: 6, among: 'rest' })).toThrow('as many as there are in 4 × 5, got 21');
    expect(() => imageFunctions(set, { crop: [5, 5] })).toThrow('imageFunctions: crop: expected at most 4 × 5, the size of the images, got 5 × 5.');
    expect(() => imageFunctions(labelledSet({ x: [[1], [2]], y: [0, 1] }))).toThrow('imageFunctions: expected images of shape [height, width, channels], got [1].');
  });
});
