import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { episodePicture, type PredictedImage } from '../../src/report/episode-picture';
import { imageUrl } from '../../src/report/image-url';
import { renderPng } from '../../src/report/save-picture-node';
import { wordsOf } from './svg';

const dot = { pixels: Float32Array.of(0, 0.5, 1, 1), width: 2, height: 2, channels: 1 };
const query = (label: number, predicted: number): PredictedImage => ({ ...dot, label, predicted, probability: 0.874 });
const classes = ['Greek/alpha', 'Greek/beta <2>'];
const episode = {
  classes,
  support: [0, 1].map((label) => ({ ...dot, label })),
  queries: [query(0, 0), query(1, 0)],
  title: '2-way 1-shot',
};

test('an image is a PNG with its pixels', async () => {
  const url = await imageUrl('here', { pixels: [0, 0.5, 1, 1, 0, 0], width: 1, height: 2, channels: 3 });
  const png = decode(Buffer.from(url.replace('data:image/png;base64,', ''), 'base64'));
  expect([png.width, png.height, png.channels, ...png.data]).toEqual([1, 2, 3, 0, 128, 255, 255, 0, 0]);
});

test('an episode shows classes, predictions and probabilities, and counts what is right', async () => {
  const svg = await episodePicture(episode);
  expect(wordsOf(svg)).toEqual(
    expect.arrayContaining(['2-way 1-shot: 1 of 2 right', 'Greek', 'alpha', 'beta &#60;2&#62;', '87 %', 'support']),
  );
  expect(svg.match(/<image /g)).toHaveLength(4);
});

test('right and wrong differ in mark and frame, not only in colour', async () => {
  const [right, wrong] = (await episodePicture(episode)).match(/<g class="(right|wrong)">.*<\/g>/g)!;
  expect(right).toContain('<title>Greek/alpha, 87 %; right</title>');
  expect(right).toContain('stroke-dasharray="none"');
  expect(wrong).toContain('<title>Greek/alpha, 87 %; wrong: it is Greek/beta &#60;2&#62;</title>');
  expect(wrong).toContain('stroke-dasharray="7 4"');
});

test('the images are seen in the PNG', async () => {
  const { png } = await renderPng(await episodePicture(episode), { scale: 1 });
  const { width, data, channels } = decode(png);
  const at = (x: number, y: number) => data[(y * width + x) * channels];
  // The support image of class 0 is 84 wide and starts at (106, 98): black, grey, white, white.
  expect([at(120, 110), at(170, 110), at(120, 170), at(170, 170)]).toEqual([0, 128, 255, 255]);
});

test('refuses labels, probabilities and pixels out of range', async () => {
  await expect(episodePicture({ ...episode, classes: [] })).rejects.toThrow('episodePicture: expected at least 1 class, got 0.');
  await expect(episodePicture({ ...episode, queries: [query(2, 0)] })).rejects.toThrow(
    'episodePicture: label of a query image: expected a whole number below 2, got 2.',
  );
  await expect(episodePicture({ ...episode, queries: [query(0, -1)] })).rejects.toThrow('predicted class: expected');
  await expect(episodePicture({ ...episode, queries: [{ ...query(0, 0), probability: 87 }] })).rejects.toThrow(
    'episodePicture: probability: expected a number in [0, 1], got 87.',
  );
  await expect(imageUrl('here', { ...dot, width: 3 })).rejects.toThrow('here: expected 6 pixel values (2×3×1), got 4.');
  await expect(imageUrl('here', { ...dot, channels: 2 })).rejects.toThrow('here: expected 1 or 3 channels, got 2.');
  await expect(imageUrl('here', { ...dot, pixels: [0, 1, NaN, 0] })).rejects.toThrow('here: expected pixels in [0, 1], got NaN');
  await expect(imageUrl('here', { ...dot, pixels: [0, 1, 255, 0] })).rejects.toThrow('got 255; scale them before they are drawn.');
});

test('without queries it is a sheet of drawings, without a score', async () => {
  const { queries: _queries, ...sheet } = episode;
  const words = wordsOf(await episodePicture(sheet));
  expect(words).toContain('2-way 1-shot');
  expect(words.filter((word) => /support|query|right/.test(word))).toEqual([]);
});
