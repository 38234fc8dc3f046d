import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import { drawWarp, joinWarps, symmetryWarp, type Warp } from '../../src/tasks/warp';
import { warpImage } from '../../src/tasks/warp-image';

const nothing: Warp = { matrix: [1, 0, 0, 1], shift: [0, 0] };
const warp = (image: readonly number[], shape: readonly number[], how: Warp) => {
  const into = new Float32Array(image.length);
  warpImage(Float32Array.from(image), shape, how, into);
  return [...into].map((value) => Number(value.toFixed(5)) + 0);
};
const field = (down: number, right: number) => Float32Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? down : right));

describe('warpImage', () => {
  test('takes each place from where the warp says: a shift down moves the picture up', () => {
    expect(warp([1, 2, 3, 4], [2, 2, 1], nothing)).toEqual([1, 2, 3, 4]);
    expect(warp([1, 2, 3, 4], [2, 2, 1], { ...nothing, shift: [0.5, 0] })).toEqual([3, 4, 0, 0]);
    expect(warp([1, 2, 3, 4], [2, 2, 1], { ...nothing, shift: [0, 0.25] })).toEqual([1.5, 1, 3.5, 2]);
    expect(warp([1, 2, 3, 4], [2, 2, 1], { ...nothing, field: field(0.5, 0) })).toEqual([3, 4, 0, 0]);
  });

  test('the eight symmetries of a square are eight, and exact', () => {
    const seen = Array.from({ length: 8 }, (_, index) => warp([1, 2, 3, 4], [2, 2, 1], symmetryWarp(index)).join());
    expect(seen[1]).toBe('2,4,1,3'); // counter-clockwise
    expect(seen[4]).toBe('2,1,4,3'); // left and right
    expect(new Set(seen).size).toBe(8);
    for (const picture of seen) expect(picture.split(',').sort().join()).toBe('1,2,3,4');
  });

  test('joined warps give what one after the other gives', () => {
    const image = Array.from({ length: 9 }, (_, i) => i + 1);
    const [turn, right] = [symmetryWarp(1), { ...nothing, shift: [0, 1 / 3] } as const];
    expect(warp(image, [3, 3, 1], joinWarps(turn, right))).toEqual(warp(warp(image, [3, 3, 1], turn), [3, 3, 1], right));
    const wavy = { ...nothing, field: field(0, 1 / 3) };
    expect(warp(image, [3, 3, 1], joinWarps(turn, wavy))).toEqual(warp(warp(image, [3, 3, 1], turn), [3, 3, 1], wavy));
  });
});

describe('drawWarp', () => {
  const many = (bounds: Parameters<typeof drawWarp>[1]) => Array.from({ length: 200 }, (_, index) => drawWarp(createRng(`${index}`), bounds));

  test('nothing asked for is no change', () => {
    for (const how of many({}).slice(0, 3)) expect(warp([1, 2, 3, 4], [2, 2, 1], how)).toEqual([1, 2, 3, 4]);
  });

  test('each change stays within its bounds, and comes near them on both sides', () => {
    const range = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
    const expectRange = (values: readonly number[], low: number, high: number) => {
      const [least, most] = range(values);
      expect(least).toBeGreaterThanOrEqual(low);
      expect(most).toBeLessThanOrEqual(high);
      expect(most - least).toBeGreaterThan(0.9 * (high - low));
    };
    const degrees = ({ matrix: [cos, sin] }: Warp) => (Math.atan2(sin, cos) * 180) / Math.PI;
    expectRange(many({ rotation: 10 }).map(degrees), -10, 10);
    expectRange(many({ scale: 0.25 }).map(({ matrix }) => matrix[0]), 0.8, 1.25);
    expectRange(many({ scale: 0.25 }).map(({ matrix }) => matrix[3]), 0.8, 1.25);
    expectRange(many({ shear: 0.2 }).map(({ matrix }) => matrix[1]), -0.2, 0.2);
    expectRange(many({ shift: 0.1 }).map(({ shift }) => shift[1]), -0.1, 0.1);
    const knots = many({ wobble: 0.02 }).flatMap((each) => [...each.field!]);
    expect(Math.sqrt(knots.reduce((sum, value) => sum + value ** 2, 0) / knots.length)).toBeCloseTo(0.02, 3);
  });
});
