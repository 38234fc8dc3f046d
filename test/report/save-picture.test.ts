import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, expect, test } from 'vitest';
import { renderPng, savePicture } from '../../src/report/save-picture-node';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><text y="15" font-family="DejaVu Sans">x</text></svg>';

test('writes the SVG and a PNG of twice its size into a new folder, and says where', async () => {
  const path = join(folder, 'new', 'deeper', 'picture');
  const saved = await savePicture(svg, path);
  expect(saved).toMatchObject({ svg: `${path}.svg`, png: `${path}.png` });
  expect(readFileSync(saved.svg, 'utf8')).toBe(svg);
  const png = readFileSync(saved.png);
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  expect(decode(png)).toMatchObject({ width: 60, height: 40 });
});

test('a machine without fonts gets a picture and a warning', async () => {
  const { png, warning } = await renderPng(svg, { fontFiles: [] });
  expect(decode(png).data.every((value) => value === 0)).toBe(true);
  expect(warning).toMatch(/^The PNG has no text, because this machine has no fonts: run `npm install dejavu-fonts-ttf`/);
});

test('refuses an extension, a scale of 0 and what is not an SVG', async () => {
  await expect(savePicture(svg, join(folder, 'a.png'))).rejects.toThrow('savePicture: expected a path without extension, got');
  await expect(renderPng(svg, { scale: 0 })).rejects.toThrow('renderPng: scale: expected a finite number above 0, got 0.');
  await expect(renderPng('<p>no picture</p>')).rejects.toThrow();
});
