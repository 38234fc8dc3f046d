import { describe, expect, test } from 'vitest';
import { imageSheet } from '../../src/report/image-sheet';

const grey = (shade: number, side = 2) => ({ pixels: new Float32Array(side * side).fill(shade), width: side, height: side, channels: 1 });
const places = (svg: string) => [...svg.matchAll(/<image x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/g)].map((found) => found.slice(1).map(Number));

describe('imageSheet', () => {
  test('lays images in rows, and long rows in lines', async () => {
    const svg = await imageSheet({ title: 'Two & more', rows: [{ name: 'given', images: [grey(0)] }, { name: 'made', images: [grey(0.5), grey(1), grey(0.2)] }], perLine: 2, imageWidth: 10 });
    const [first, second, third, fourth] = places(svg) as [number[], number[], number[], number[]];
    expect(places(svg).length).toBe(4);
    expect(second[1]).toBeGreaterThan(first[1]!);
    expect([third[0]! - second[0]!, third[1]! - second[1]!]).toEqual([13, 0]);
    expect([fourth[0], fourth[1]! - second[1]!]).toEqual([second[0], 13]);
    expect(svg).toContain('Two &#38; more');
    expect(svg).toContain('>made<');
  });

  test('draws images of all sizes and shapes equally wide', async () => {
    const tall = { pixels: new Float32Array(8), width: 2, height: 4, channels: 1 };
    const svg = await imageSheet({ rows: [{ name: 'sizes', images: [grey(0, 2), grey(0, 7), tall] }], imageWidth: 20 });
    expect(places(svg).map(([, , width, height]) => [width, height])).toEqual([[20, 20], [20, 20], [20, 40]]);
  });

  test('refuses sheets without images, and pixels out of range', async () => {
    await expect(imageSheet({ rows: [] })).rejects.toThrow('imageSheet: expected at least 1 row, got 0.');
    await expect(imageSheet({ rows: [{ name: 'empty', images: [] }] })).rejects.toThrow('imageSheet: row empty: expected at least 1 image, got 0.');
    await expect(imageSheet({ rows: [{ name: 'bright', images: [grey(2)] }] })).rejects.toThrow('imageSheet: row bright: expected pixels in [0, 1], got 2; scale them before they are drawn.');
  });
});
