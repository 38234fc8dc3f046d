import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prepareDrawing, type Raster } from '../../src/tasks/prepare-drawing';
import { isFull } from '../helpers/full';

const runs = { numRuns: isFull ? 10_000 : 200, seed: 1 };

/** A rectangle of ink, 0, on paper, 1. */
function rectangle(width: number, height: number, { left, top, wide, high }: { left: number; top: number; wide: number; high: number }): Raster {
  const data = Array.from({ length: width * height }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    return row >= top && row < top + high && column >= left && column < left + wide ? 0 : 1;
  });
  return { data, width, height };
}

const cross = [1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];
const crossOn = (width: number, top: number, left: number) => {
  const data = new Array<number>(width * width).fill(1);
  cross.forEach((level, i) => (data[(top + Math.floor(i / 5)) * width + left + (i % 5)] = level));
  return { data, width, height: width };
};

describe('prepareDrawing', () => {
  test('cuts out, centres and scales: ink 1, paper 0', () => {
    const made = prepareDrawing(rectangle(100, 80, { left: 3, top: 50, wide: 49, high: 10 }));
    expect(made.length).toBe(28 * 28);
    const inked = [...made.entries()].filter(([, level]) => level > 0.5).map(([pixel]) => [Math.floor(pixel / 28), pixel % 28] as const);
    const rows = inked.map(([row]) => row);
    const columns = inked.map(([, column]) => column);
    expect([Math.min(...columns), Math.max(...columns)]).toEqual([4, 23]); // 0.7 of 28 columns
    expect([Math.min(...rows), Math.max(...rows)]).toEqual([12, 15]); // 4 rows, in the middle
    expect([Math.min(...made), Math.max(...made)]).toEqual([0, 1]);
  });

  test('gives the same for another place, polarity, contrast, number type and number of channels', () => {
    const expected = prepareDrawing(crossOn(20, 3, 9));
    const { data, ...size } = crossOn(30, 20, 1);
    const variants: readonly ArrayLike<number>[] = [
      data,
      data.map((level) => 1 - level),
      data.map((level) => 0.2 + 0.5 * level),
      Uint8Array.from(data, (level) => 255 * level),
      data.flatMap((level) => [level, level, level]),
      Uint8ClampedArray.from(data.flatMap((level) => [0, 0, 0, 255 * (1 - level)])), // a canvas that nothing was painted on before
    ];
    for (const variant of variants)
      expect(Math.max(...prepareDrawing({ data: variant, ...size }).map((level, i) => Math.abs(level - expected[i]!)))).toBeLessThan(0.01);
  });

  test('the middle of any rectangle comes to the middle, its longer side to the extent', () => {
    const arbitrary = fc.record({ left: fc.integer({ min: 1, max: 40 }), top: fc.integer({ min: 1, max: 40 }), wide: fc.integer({ min: 1, max: 60 }), high: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 5, max: 40 }), (box, size) => {
        const made = prepareDrawing(rectangle(110, 110, box), { size, extent: 0.8 });
        let [sum, down, right] = [0, 0, 0];
        expect(made.every((level) => level >= 0 && level <= 1)).toBe(true);
        made.forEach((level, i) => {
          [sum, down, right] = [sum + level, down + level * (Math.floor(i / size) + 0.5), right + level * ((i % size) + 0.5)];
        });
        const rounding = 0.6 + (0.5 * size) / Math.max(2, Math.max(box.wide, box.high) / 0.8); // half a pixel of the image
        expect(Math.abs(down / sum - size / 2)).toBeLessThan(rounding);
        expect(Math.abs(right / sum - size / 2)).toBeLessThan(rounding);
      }),
      runs,
    );
  });

  test('a thin pen is as dark as a thick one', () => {
    for (const high of [1, 30]) expect(Math.max(...prepareDrawing(rectangle(300, 300, { left: 20, top: 40, wide: 240, high })))).toBe(1);
  });

  test('refuses what is no drawing', () => {
    const blank = { data: new Uint8Array(100).fill(250), width: 10, height: 10 };
    expect(() => prepareDrawing(blank)).toThrow('prepareDrawing: expected ink on paper, got an image of one level.');
    expect(() => prepareDrawing({ ...blank, width: 9 })).toThrow('prepareDrawing: expected 1, 3 or 4 levels for each of 10 x 9 pixels, got 100 in all.');
    expect(() => prepareDrawing({ ...blank, height: 0 })).toThrow('prepareDrawing: height: expected a whole number of at least 1, got 0.');
    expect(() => prepareDrawing({ data: [0, NaN], width: 2, height: 1 })).toThrow('prepareDrawing: expected finite levels, got NaN at pixel 1.');
    expect(() => prepareDrawing(crossOn(9, 1, 1), { extent: 1.5 })).toThrow('prepareDrawing: extent: expected at most 1, got 1.5.');
    expect(() => prepareDrawing(crossOn(9, 1, 1), { size: 0 })).toThrow('prepareDrawing: size: expected a whole number of at least 1, got 0.');
  });
});
