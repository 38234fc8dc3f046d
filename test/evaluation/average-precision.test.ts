import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averagePrecision, type ImageDetections } from '../../src/evaluation/average-precision';
import { readDetections, suppressOverlaps, type FoundBox } from '../../src/evaluation/suppress-overlaps';
import { intersectionOverUnion, type Box } from '../../src/tasks/boxes';
import { isFull } from '../helpers/full';

const runs = { numRuns: isFull ? 10_000 : 200, seed: 1 };

const anyBox = fc
  .tuple(fc.nat(6), fc.nat(6), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .map(([left, top, width, height]): Box => [left, top, left + width, top + height]);
const score = fc.nat(20).map((twentieths) => twentieths / 20);
const anyFound = fc.record({ box: anyBox, label: fc.nat(1), score });

/** The surest one left is kept and what overlaps it goes, until nothing is left. */
function suppressSlowly(found: readonly FoundBox[], mostOverlap: number): readonly FoundBox[] {
  if (found.length === 0) return [];
  const surest = found.reduce((best, each) => (each.score > best.score ? each : best));
  const left = found.filter((each) => each !== surest && (each.label !== surest.label || intersectionOverUnion(each.box, surest.box) <= mostOverlap));
  return [surest, ...suppressSlowly(left, mostOverlap)];
}

/** For each true box in turn: the best precision of any list of the surest that finds as many. */
function averageSlowly(images: readonly ImageDetections[]): number {
  const total = images.reduce((sum, { truth }) => sum + truth.length, 0);
  const all = images.flatMap(({ found }, image) => found.map((each) => ({ ...each, image }))).sort((one, other) => other.score - one.score);
  const rightAmong = (count: number) => {
    const taken = new Set<string>();
    for (const { box, image } of all.slice(0, count)) {
      const overlaps = images[image]!.truth.map((each) => intersectionOverUnion(box, each));
      const nearest = overlaps.indexOf(Math.max(...overlaps));
      if (overlaps[nearest]! >= 0.5) taken.add(`${image} ${nearest}`);
    }
    return taken.size;
  };
  const counts = all.map((_, index) => ({ right: rightAmong(index + 1), of: index + 1 }));
  let sum = 0;
  for (let wanted = 1; wanted <= total; wanted++)
    sum += Math.max(0, ...counts.filter(({ right }) => right >= wanted).map(({ right, of }) => right / of));
  return total === 0 ? 0 : sum / total;
}

describe('average precision', () => {
  const truth: readonly Box[] = [[0, 0, 4, 4], [10, 10, 14, 14]];

  test('by hand: right, wrong, right: 1/2 · 1 + 1/2 · 2/3', () => {
    const found = [
      { box: [0, 0, 4, 4], score: 0.9 },
      { box: [20, 20, 24, 24], score: 0.8 },
      { box: [10, 10, 14, 13], score: 0.7 },
    ] as const;
    expect(averagePrecision([{ truth, found }])).toBeCloseTo(1 / 2 + 1 / 3);
    expect(averagePrecision([{ truth, found }], { leastOverlap: 0.8 })).toBeCloseTo(1 / 2); // 3/4 is too little then
  });

  test('a box that is found twice is wrong once; precision is the best at a recall or beyond', () => {
    const twice = [{ box: truth[0]!, score: 0.9 }, { box: truth[0]!, score: 0.8 }, { box: truth[1]!, score: 0.7 }];
    expect(averagePrecision([{ truth, found: twice }])).toBeCloseTo(1 / 2 + 1 / 3);
    const late = [{ box: [30, 30, 31, 31] as const, score: 0.9 }, { box: truth[0]!, score: 0.8 }, { box: truth[1]!, score: 0.7 }];
    expect(averagePrecision([{ truth, found: late }])).toBeCloseTo(2 / 3); // not 1/2 for the first
  });

  test('is 1 where all is found, 0 where nothing is, or nothing is there', () => {
    expect(averagePrecision([{ truth, found: truth.map((box) => ({ box, score: 0.5 })) }])).toBe(1);
    expect(averagePrecision([{ truth, found: [] }])).toBe(0);
    expect(averagePrecision([{ truth: [], found: [{ box: [0, 0, 1, 1], score: 1 }] }])).toBe(0);
    expect(averagePrecision([])).toBe(0);
  });

  test('images share one list: a sure mistake in one costs the other', () => {
    const found = [{ box: truth[0]!, score: 0.6 }];
    const other = { truth: [], found: [{ box: [0, 0, 4, 4] as const, score: 0.9 }] };
    expect(averagePrecision([{ truth: [truth[0]!], found }, other])).toBe(1 / 2);
  });

  test('refuses an overlap out of range, and a score that is NaN', () => {
    expect(() => averagePrecision([], { leastOverlap: 50 })).toThrow('averagePrecision: leastOverlap: expected a number in [0, 1], got 50.');
    expect(() => averagePrecision([{ truth, found: [{ box: truth[0]!, score: NaN }] }])).toThrow('averagePrecision: expected scores that are numbers, got NaN.');
  });

  test('is that of a slow count', () =>
    fc.assert(
      fc.property(fc.array(fc.record({ truth: fc.array(anyBox, { maxLength: 3 }), found: fc.array(anyFound, { maxLength: 5 }) }), { maxLength: 4 }), (images) => {
        // One order for both: scores of all images differ.
        const distinct = images.map((image, at) => ({ ...image, found: image.found.map((each, index) => ({ ...each, score: each.score + (at * 10 + index) / 1000 })) }));
        expect(averagePrecision(distinct)).toBeCloseTo(averageSlowly(distinct), 10);
      }), runs));
});

describe('suppressing overlaps', () => {
  test('by hand: the surest of two alike stays, another class stays beside it', () => {
    const found: readonly FoundBox[] = [
      { box: [0, 0, 4, 4], label: 0, score: 0.8 },
      { box: [0, 0, 4, 5], label: 0, score: 0.9 },
      { box: [0, 0, 4, 4], label: 1, score: 0.5 },
      { box: [8, 0, 12, 4], label: 0, score: 0.1 },
    ];
    expect(suppressOverlaps(found).map(({ score: sure }) => sure)).toEqual([0.9, 0.5, 0.1]);
    expect(suppressOverlaps(found, { most: 1 })).toEqual([found[1]]);
    expect(suppressOverlaps(found, { mostOverlap: 0.9 }).length).toBe(4);
  });

  test('refuses options out of range', () => {
    expect(() => suppressOverlaps([], { mostOverlap: 45 })).toThrow('suppressOverlaps: mostOverlap: expected a number in [0, 1], got 45.');
    expect(() => suppressOverlaps([], { most: -1 })).toThrow('suppressOverlaps: most: expected a whole number of at least 0, got -1.');
    expect(() => readDetections([], [0, 2, 6], { leastScore: NaN })).toThrow('readDetections: leastScore: expected a number in [0, 1], got NaN.');
  });

  test('is that of taking the surest again and again', () =>
    fc.assert(
      fc.property(fc.array(anyFound, { maxLength: 12 }), fc.constantFrom(0, 0.3, 0.45, 1), (found, mostOverlap) => {
        expect(suppressOverlaps(found, { mostOverlap })).toEqual(suppressSlowly(found, mostOverlap));
      }), runs));

  test('reads boxes out of a readout: scores first, then edges', () => {
    const readout = [0.9, 0.01, 1, 2, 3, 4, 0.04, 0.6, 5, 6, 7, 8];
    expect(readDetections(readout, [1, 2, 6])).toEqual([
      { box: [1, 2, 3, 4], label: 0, score: 0.9 },
      { box: [5, 6, 7, 8], label: 1, score: 0.6 },
    ]);
    expect(readDetections(readout, [1, 2, 6], { leastScore: 0.7 }).length).toBe(1);
    expect(readDetections([[readout.slice(0, 6), readout.slice(6)]], [1, 2, 6])).toEqual(readDetections(readout, [1, 2, 6])); // as predict gives it
    expect(() => readDetections(readout, [2, 2, 6])).toThrow('readDetections: expected 24 numbers of shape [rows, columns, classes + 4], got 12 for [2, 2, 6].');
    expect(() => readDetections(readout.map(() => NaN), [1, 2, 6])).toThrow('readDetections: expected finite numbers, got NaN or infinity.');
  });
});
