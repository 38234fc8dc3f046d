import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { writeJson } from '../../examples/json-file';
import { mergeData, readSame, type CompletionFile, type PhotographFile } from '../../examples/image-functions/records';
import { imageFunctionsSection } from '../../examples/image-functions/report';
import { runExample } from '../helpers/examples';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-image-functions-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('image functions have no section before a method is trained', async () => expect(await imageFunctionsSection(join(folder, 'results'))).toBeUndefined());

test('a file is gone on from with its own settings alone', () => {
  const path = join(folder, 'same/completion.json');
  const settings = { width: 64, seconds: 3, trialSeconds: 3 / 5 };
  expect(readSame(path, settings)).toBeUndefined(); // no file
  const file: CompletionFile = { settings, data: [], runs: [] };
  writeJson(path, file);
  expect(readSame(path, settings)).toEqual(file);
  expect(readSame(path, { ...settings, seconds: 90 })).toBeUndefined();
  expect(readSame(path, { ...settings, runtime: 'tfjs' })).toBeUndefined();
});

test('the recorded files are gone on from with --seconds 90', () => {
  const recorded = fileURLToPath(new URL('../../results/image-functions', import.meta.url));
  const time = { width: 64, seconds: 90, trialSeconds: 90 / 5 };
  expect(readSame(join(recorded, 'completion.json'), { ...time, episodes: 300, validationEpisodes: 50 })).toBeDefined();
  expect(readSame(join(recorded, 'photographs.json'), { ...time, side: 64, given: 512, episodes: 60, validationEpisodes: 12 })).toBeDefined();
});

test('a data set that is not at hand keeps what is known of it', () => {
  const about = (name: string, side: number) => ({ name, side, channels: 1, meanImage: [], truth: [], places: [] });
  const merged = mergeData([about('clothes', 28), about('photographs', 32)], [about('clothes', 8), about('blobs', 8)]);
  expect(merged).toEqual([about('clothes', 8), about('photographs', 32), about('blobs', 8)]);
});

test('npm run image-functions -- --quick writes every figure, the tables and the pictures', { timeout: 240_000 }, () => {
  const printed = runExample('image-functions/image-functions', '--quick', '--out', folder);
  expect(printed).toMatch(/\| MAML +\| +\d\.\d{4} ± \d\.\d{4}/);
  expect(printed).toMatch(/\| mean image +\|/);
  expect(printed).toMatch(/\| bilinear interpolation +\|/);
  const read = <File>(name: string) => JSON.parse(readFileSync(join(folder, 'results/image-functions', `${name}.json`), 'utf8')) as File;
  const { runs, data } = read<CompletionFile>('completion');
  expect(runs.map(({ tests }) => tests.map(({ given, values }) => [given, values.length]))).toEqual(runs.map(() => [[4, 6], [16, 6], [32, 6]]));
  expect(data[0]!.places.map(({ images }) => images.map((places) => places.length))).toEqual([[4, 4, 4, 4, 4], [16, 16, 16, 16, 16]]);
  expect(read<PhotographFile>('photographs').runs.map(({ tests }) => tests.map(({ steps }) => steps))).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]);
  for (const name of ['completed-grey-blobs', 'photographs-steps', 'photographs-doubled'])
    expect(['svg', 'png'].every((kind) => existsSync(join(folder, 'results/image-functions', `${name}.${kind}`))), name).toBe(true);
});
