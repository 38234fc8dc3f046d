import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CompletionFile, PhotographFile } from '../../examples/image-functions/records';
import { imageFunctionsSection } from '../../examples/image-functions/report';
import { runExample } from '../helpers/examples';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-image-functions-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('image functions have no section before a method is trained', async () => expect(await imageFunctionsSection(join(folder, 'results'))).toBeUndefined());

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
