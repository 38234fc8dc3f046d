import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { decodeBoxes, encodeBoxes, gridOn, targetChannels } from '../../src/tasks/box-targets';
import { boxArea, intersectionOverUnion, sharedArea, type Box } from '../../src/tasks/boxes';
import { isFull } from '../helpers/full';

const runs = { numRuns: isFull ? 10_000 : 200, seed: 1 };

/** Whole pixels, so that a count of them is exact. */
const anyBox = fc
  .tuple(fc.nat(15), fc.nat(15), fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 16 }))
  .map(([left, top, width, height]): Box => [left, top, left + width, top + height]);

/** One pixel after another. */
function sharedPixels(one: Box, other: Box): number {
  const isIn = (x: number, y: number, [left, top, right, bottom]: Box) => x >= left && x < right && y >= top && y < bottom;
  let count = 0;
  for (let y = 0; y < 32; y++) for (let x = 0; x < 32; x++) if (isIn(x, y, one) && isIn(x, y, other)) count++;
  return count;
}

describe('boxes', () => {
  test('by hand: a third, all, nothing', () => {
    expect(intersectionOverUnion([0, 0, 2, 2], [1, 0, 3, 2])).toBeCloseTo(1 / 3);
    expect(intersectionOverUnion([1, 2, 3, 5], [1, 2, 3, 5])).toBe(1);
    expect(intersectionOverUnion([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0); // an edge has no inside
    expect(intersectionOverUnion([0, 0, 0, 0], [0, 0, 0, 0])).toBe(0);
    expect(boxArea([3, 3, 1, 9])).toBe(0);
  });

  test('overlaps are those of counted pixels, whichever box is first', () =>
    fc.assert(
      fc.property(anyBox, anyBox, (one, other) => {
        const shared = sharedPixels(one, other);
        expect(sharedArea(one, other)).toBe(shared);
        expect(intersectionOverUnion(one, other)).toBeCloseTo(shared / (boxArea(one) + boxArea(other) - shared), 10);
        expect(intersectionOverUnion(other, one)).toBe(intersectionOverUnion(one, other));
      }), runs));
});

describe('boxes as a dense target', () => {
  const grid = gridOn([16, 16, 1], 4);
  const cell = (target: Float32Array, row: number, column: number) => Array.from(target.subarray((row * 4 + column) * targetChannels, (row * 4 + column + 1) * targetChannels));

  test('by hand: a box of 8 × 8 in the middle has four cells that count a quarter each', () => {
    const target = encodeBoxes(grid, [{ box: [4, 4, 12, 12], label: 2 }]);
    expect(cell(target, 1, 1)).toEqual([3, 0.25, 0.5, 0.5, Math.fround(Math.log(2)), Math.fround(Math.log(2))]);
    expect(cell(target, 2, 2)).toEqual([3, 0.25, -0.5, -0.5, Math.fround(Math.log(2)), Math.fround(Math.log(2))]);
    expect(cell(target, 0, 0)).toEqual([0, 1, 0, 0, 0, 0]);
  });

  test('around the middle of a box, and in ignored boxes, nothing is said', () => {
    const target = encodeBoxes(grid, [{ box: [0, 0, 12, 12], label: 0 }], [[12, 12, 13, 13]]);
    const weights = Array.from({ length: 16 }, (_, at) => target[at * targetChannels + 1]);
    expect(weights).toEqual([0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0]);
  });

  test('the smaller of two boxes has the cells that both ask for', () => {
    const target = encodeBoxes(grid, [{ box: [1, 1, 3, 3], label: 1 }, { box: [0, 0, 8, 8], label: 0 }]);
    expect(cell(target, 0, 0)[0]).toBe(2);
    expect(cell(target, 1, 1)[0]).toBe(1);
  });

  test('what was encoded is decoded, to a tenth of a pixel', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(7), fc.float({ min: 0, max: 3.5, noNaN: true }), fc.float({ min: 1, max: 40, noNaN: true }), fc.nat(3)), {
          selector: ([row, column]) => row * 8 + column,
          maxLength: 8,
        }),
        (drawn) => {
          const wide = gridOn([32, 32, 1], 4);
          const boxes = drawn.map(([row, column, offset, size, label]) => {
            const [x, y] = [column * 4 + offset, row * 4 + offset / 2];
            return { box: [x - size / 2, y - size, x + size / 2, y + size] as const, label };
          });
          const inOrder = [...boxes].sort((one, other) => cellOf(one.box) - cellOf(other.box));
          const found = decodeBoxes(wide, encodeBoxes(wide, boxes));
          expect(found.map(({ label }) => label)).toEqual(inOrder.map(({ label }) => label));
          found.forEach(({ box }, index) => box.forEach((edge, side) => expect(edge).toBeCloseTo(inOrder[index]!.box[side]!, 1)));
        },
      ), runs));

  test('a box is decoded once, however near its centre lies to the edge of a cell', () => {
    const once = (box: Box) => {
      expect(decodeBoxes(grid, encodeBoxes(grid, [{ box, label: 0 }]))).toHaveLength(1);
    };
    once([(2 / 3) * 1, 4, (2 / 3) * 23, 13]); // centred just below 8
    const size = fc.double({ min: 0.5, max: 12, noNaN: true });
    const centre = fc.tuple(fc.nat(4), fc.constantFrom(1, 2 ** -8, 2 ** -20, 2 ** -25, 2 ** -30, 2 ** -50), fc.double({ min: -1, max: 1, noNaN: true })).map(([edge, near, offset]) => Math.min(Math.max(0, 4 * edge + near * offset), 15.9));
    fc.assert(fc.property(centre, centre, size, size, (x, y, width, height) => once([x - width / 2, y - height / 2, x + width / 2, y + height / 2])), runs);
  });

  const cellOf = ([left, top, right, bottom]: Box) => Math.floor((top + bottom) / 8) * 8 + Math.floor((left + right) / 8);

  test('the cells of a box count 1 together', () => {
    const target = encodeBoxes(gridOn([64, 64, 1], 4), [{ box: [3, 5, 43, 61], label: 0 }]);
    let sum = 0;
    for (let at = 0; at < 256; at++) if (target[at * targetChannels]! > 0) sum += target[at * targetChannels + 1]!;
    expect(sum).toBeCloseTo(1, 5);
  });

  test('refuses a box without an inside, one off the grid, and a target of another size', () => {
    const wrong = 'encodeBoxes: expected boxes [left, top, right, bottom] with their centres in 16 × 16 pixels, got [5, 5, 5, 9].';
    expect(() => encodeBoxes(grid, [{ box: [5, 5, 5, 9], label: 0 }])).toThrow(new DataError(wrong));
    expect(() => encodeBoxes(grid, [], [[10, 10, 30, 12]])).toThrow('got [10, 10, 30, 12].');
    expect(() => decodeBoxes(grid, [1, 2])).toThrow('decodeBoxes: expected 96 values, got 2.');
  });
});

test.each([-1, 0.5, NaN])('a label of %s is refused', (label) =>
  expect(() => encodeBoxes(gridOn([16, 16, 1], 4), [{ box: [4, 4, 12, 12], label }])).toThrow('encodeBoxes: label: expected the number of a class, a whole number from 0, got '));
