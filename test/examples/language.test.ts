import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { models, unitsOf } from '../../examples/language/models';
import type { LanguageResults } from '../../examples/language/results';
import { encode, pieces, splitText } from '../../examples/language/text';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hypermeta-language-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const language = (...words: string[]) => runExample('language/language', ...words);
const results = () => JSON.parse(readFileSync(join(folder, 'results/language/language.json'), 'utf8')) as LanguageResults;

describe('a text', () => {
  const { vocabulary, train, validation, test: last } = splitText('abracadabra'.repeat(20));

  test('is split 90 : 5 : 5 in its order, its characters numbered in theirs', () => {
    expect([vocabulary, train.length, validation.length, last.length]).toEqual(['abcdr', 198, 11, 11]);
    expect([...validation.subarray(0, 4)]).toEqual([0, 1, 4, 0]);
    expect(() => encode('abx', vocabulary)).toThrow('language: expected characters of the text, got "x".');
  });

  test('read by several streams in pieces, predicts each character but the first once', () => {
    const tokens = Float32Array.from({ length: 24 }, (_, index) => index);
    const all = pieces(tokens, 3, 5);
    expect(all.length).toBe(2);
    expect([...all[0]!.x]).toEqual([0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 16, 17, 18, 19, 20]);
    expect([...all[1]!.weight]).toEqual([1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0]);
    const predicted = all.flatMap(({ y, weight }) => [...y].filter((_, at) => weight[at] === 1));
    expect(predicted.sort((one, other) => one - other)).toEqual([...tokens.subarray(1)]);
  });
});

test('all models have as many parameters as the plain one, to 1 %', () => {
  const sizes = { units: 128, vocabulary: 65, candidateDropout: 0 };
  expect(models.map((model) => [model.name, unitsOf(model, sizes)])).toEqual([['LSTM', 128], ['HyperLSTM', 114], ['layer-norm LSTM', 127], ['layer-norm HyperLSTM', 113]]);
});

test.runIf(existsSync(join(root, '../shared/data/text')))('the quick form trains, scores, samples and draws', () => {
  language('--quick', '--out', folder);
  const { runs, changes } = results();
  expect(runs.map(({ model, seed }) => `${model} ${seed}`)).toEqual(['LSTM 1', 'HyperLSTM 1']);
  for (const { test: bits, sample } of runs) {
    expect(bits).toBeGreaterThan(4);
    expect(bits).toBeLessThan(7);
    expect(sample.length).toBe(401);
  }
  expect(changes!.changes.length).toBe(200);
  expect(changes!.changes[0]).toEqual([0, 0, 0, 0]);
  for (const name of ['learning-curves.png', 'weight-changes.svg']) expect(existsSync(join(folder, 'results/language', name))).toBe(true);
}, 120_000);

test.runIf(isFull)('says in a sentence that the text is not there, or what it does not know', () => {
  expect(language('--data', folder)).toContain('text/tinyshakespeare.txt is not there: give --data DIR.');
  expect(() => language('--only', 'GRU')).toThrow("language: --only: expected some of LSTM, HyperLSTM, layer-norm LSTM, layer-norm HyperLSTM, got 'GRU'.");
}, 60_000);
