import { expect, test } from 'vitest';
import { detectionPicture } from '../../src/report/detection-picture';
import { wordsOf } from './svg';

const image = { pixels: new Float32Array(64), width: 8, height: 8, channels: 1, truth: [[0, 0, 4, 4]] as const };
const found = [
  { box: [0, 0, 4, 3], score: 0.912 },
  { box: [5, 5, 8, 8], score: 0.5 },
] as const;

test('shows what is there, what was found, and whether that is right', async () => {
  const svg = await detectionPicture({ rows: [{ name: 'one\nbox <a>', images: [image, { ...image, found }] }], width: 80 });
  expect(wordsOf(svg)).toEqual(['What was found', 'there', 'found, right', 'found, wrong', 'one', 'box &#60;a&#62;', '0.91', '0.50']);
  const frames = (color: string) => svg.split('<image').slice(1).join('').match(new RegExp(`<rect[^>]*stroke="${color}"`, 'g'))?.length;
  expect([frames('#009e73'), frames('#0072b2'), frames('#d55e00')]).toEqual([2, 1, 1]);
  expect(svg).toContain('width="40" height="30" fill="none" stroke="#0072b2"'); // 4 × 3 pixels, ten times as large
});

test('a box that is found twice is right once, where it is surest', async () => {
  const twice = [{ box: [0, 0, 4, 3], score: 0.6 }, { box: [0, 0, 4, 4], score: 0.9 }] as const;
  const svg = await detectionPicture({ rows: [{ name: 'one', images: [{ ...image, found: twice }] }], width: 80 });
  const colorOf = (score: string) => new RegExp(`fill="(#\\w+)"[^>]*>${score}<`).exec(svg)?.[1];
  expect([colorOf('0.90'), colorOf('0.60')]).toEqual(['#0072b2', '#d55e00']);
});

test('refuses a row without images', () =>
  expect(detectionPicture({ rows: [{ name: 'none', images: [] }] })).rejects.toThrow('detectionPicture: expected at least 1 image in each row, got none.'));
