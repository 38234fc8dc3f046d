import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { readJson, writeJson } from '../../examples/json-file';
import { keptMethods, mergeData, packPixels, readCompletion, withChoiceOf, type CompletionFile, type CompletionRun, type PhotographFile } from '../../examples/image-functions/records';
import { imageFunctionsSection } from '../../examples/image-functions/report';
import { runExample } from '../helpers/examples';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-image-functions-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('image functions have no section before a method is trained', async () => expect(await imageFunctionsSection(join(folder, 'results'))).toBeUndefined());

/** One seed of a method on images of a pixel, asked twice. */
const made = (data: string, name: string, seed: string, errors: readonly number[], more: Partial<CompletionRun> = {}): CompletionRun => ({
  ...{ data, name, about: 'made up', seed, innerSteps: 5, steps: 9, seconds: 1, facts: { metaParameters: 3, adaptedValues: 2 }, env: { commit: 'abc', cores: 2, cpu: 'some', node: 'v20' } },
  trials: [{ network: 'sine', innerLearningRate: 0.1, outerLearningRate: 0.001, error: 1 }, { network: 'sine', innerLearningRate: 1, outerLearningRate: 0.001, error: 2 }],
  choice: { network: 'sine', innerLearningRate: 0.1, outerLearningRate: 0.001 },
  tests: [{ given: 1, values: errors, shown: [packPixels([Number(seed) / 255])] }],
  ...more,
});
const settings = { width: 64, seconds: 3, trialSeconds: 3 / 5, episodes: 2 };
const about = (name: string) => ({ name, side: 1, channels: 1, meanImage: [{ given: 1, values: [1, 1] }], truth: [packPixels([1])], places: [{ given: 1, images: [[0]] }, { given: 1, images: [[0]] }] });

test('runs stay in a file of the same settings; other settings are refused with resume, and dropped with a word without', () => {
  const runs = [made('clothes', 'MAML', '1', [1, 2]), made('clothes', 'CAVIA', '1', [1, 2])];
  const names = (resume: boolean, asked: object = settings) =>
    keptMethods('completion.json', { settings, runs }, { ...asked }, { resume, isAsked: ({ name }) => name === 'MAML' }).map(({ name }) => name);
  expect(keptMethods('completion.json', undefined, settings, { resume: true, isAsked: () => true })).toEqual([]); // no file
  expect([names(true), names(false)]).toEqual([['MAML', 'CAVIA'], ['CAVIA']]);
  expect(() => names(true, { ...settings, seconds: 90 })).toThrow('completion.json: --resume: expected runs with the settings asked for, got clothes, MAML, seed 1; clothes, CAVIA, seed 1 (seconds 3, not 90); give the same settings');
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  expect(names(false, { ...settings, runtime: 'tfjs' })).toEqual([]);
  expect(log.mock.calls.flat()).toEqual(['completion.json: recorded runs of other settings are dropped, 2 of 2: clothes, MAML, seed 1; clothes, CAVIA, seed 1 (runtime absent, not "tfjs").']);
  log.mockRestore();
});

test('the recorded files are gone on from with --seconds 90', () => {
  const recorded = (name: string) => fileURLToPath(new URL(`../../results/image-functions/${name}`, import.meta.url));
  const time = { width: 64, seconds: 90, trialSeconds: 90 / 5 };
  const all = { resume: true, isAsked: () => true };
  expect(keptMethods('completion.json', readCompletion(recorded('completion.json')), { ...time, episodes: 300, validationEpisodes: 50 }, all)).not.toEqual([]);
  expect(keptMethods('photographs.json', readJson<PhotographFile>(recorded('photographs.json')), { ...time, side: 64, given: 512, episodes: 60, validationEpisodes: 12 }, all)).not.toEqual([]);
});

test('a run says on which data set its rates were chosen, where that is another one', () => {
  const path = join(folder, 'chosen/completion.json');
  writeJson(path, { settings, data: [], runs: [made('clothes', 'MAML', '1', [1]), made('cats', 'CAVIA', '1', [1]), made('cats', 'MAML', '1', [1])] } satisfies CompletionFile);
  const [clothes, , cats] = readCompletion(path)!.runs as [CompletionRun, CompletionRun, CompletionRun]; // as files were before it was recorded
  expect(readCompletion(path)!.runs.map(({ chosenOn }) => chosenOn)).toEqual([undefined, undefined, 'clothes']);
  expect(withChoiceOf(made('clothes', 'MAML', '1', [1]), cats)).toEqual(clothes); // the first one, made anew by what the other one has
  expect(withChoiceOf(made('dogs', 'MAML', '1', [1]), cats).chosenOn).toBe('clothes');
});

test('of several seeds the report shows the first, means over all, and differences on those that both have', async () => {
  const results = join(folder, 'seeds');
  const ours = 'hypernetwork, shifts alone';
  const runs = [made('clothes', 'MAML', '2', [5, 7]), made('clothes', 'MAML', '1', [1, 3]), made('clothes', ours, '2', [4, 6]), made('clothes', 'CAVIA', '3', [0, 0]), made('cats', 'MAML', '1', [1, 1])];
  writeJson(join(results, 'image-functions/completion.json'), { settings, data: [about('clothes'), about('cats')], runs } satisfies CompletionFile);
  const section = (await imageFunctionsSection(results))!;
  expect(section).toMatch(/\| MAML +\| 4\.0000 ± 1\.9600 \| +2 \|/);
  expect(section).toContain("Where a method has several seeds, an image's error is the mean over them");
  expect(section).toContain('Least error: CAVIA');
  expect(section).toContain(`${ours} less MAML: -1.0000 ± 0.0000 (1).`); // of seed 2 alone
  expect(section).not.toContain('less CAVIA'); // no seed that both have
  expect(section).toContain('MAML: made up; the best of 2 trials: sine layers');
  expect(section).toContain('MAML: made up; the best of 2 trials, chosen on clothes: sine layers');
  const sheet = readFileSync(join(results, 'image-functions/completed-clothes.svg'), 'utf8');
  expect([...sheet.matchAll(/>MAML</g)]).toHaveLength(1);
});

test('a data set that is not at hand keeps what is known of it', () => {
  const sized = (name: string, side: number) => ({ ...about(name), side });
  const merged = mergeData([sized('clothes', 28), sized('photographs', 32)], [sized('clothes', 8), sized('blobs', 8)]);
  expect(merged).toEqual([sized('clothes', 8), sized('photographs', 32), sized('blobs', 8)]);
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
