import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { writeJson } from '../../examples/json-file';
import { models, unitsOf } from '../../examples/language/models';
import { keptResults, languagePath, type LanguageResults, type LanguageRun } from '../../examples/language/results';
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

describe('of recorded trainings', () => {
  const settings = { units: 8, rates: [0.1, 0.2] };
  const trained = (model: string, seed: string) => ({ model, seed, rate: 0.1 }) as LanguageRun; // what is looked at
  const trials = ['LSTM', 'HyperLSTM'].map((model) => ({ model, rate: 0.1, validation: 2 }));
  const changes = { model: 'HyperLSTM', seed: '1', text: 'a', changes: [[0, 0, 0, 0]] };
  const recorded: LanguageResults = { settings, trials, runs: [trained('LSTM', '1'), trained('LSTM', '2'), trained('HyperLSTM', '1')], changes };
  const out = join(folder, 'recorded');
  writeJson(languagePath(out), recorded);

  test('all stay with --resume', () => {
    expect(keptResults(out, settings, { models: ['LSTM'], seeds: ['1'], resume: true })).toEqual(recorded);
    expect(keptResults(join(folder, 'nowhere'), settings, { models: ['LSTM'], seeds: ['1'], resume: true })).toEqual({ settings, trials: [], runs: [] });
  });

  test('those that are not asked for stay without it, and the rates with them', () => {
    const kept = (models: readonly string[], seeds: readonly string[]) => keptResults(out, settings, { models, seeds, resume: false });
    expect(kept(['LSTM'], ['1'])).toEqual({ ...recorded, runs: recorded.runs.slice(1) });
    expect(kept(['LSTM'], ['1', '2'])).toEqual({ ...recorded, runs: recorded.runs.slice(2), trials: trials.slice(1) });
    expect(kept(['HyperLSTM'], ['1'])).toEqual({ settings, runs: recorded.runs.slice(0, 2), trials: trials.slice(0, 1) });
  });

  test('those of other settings are refused with --resume, and dropped with a word without it', () => {
    const asked = { models: ['LSTM'], seeds: ['3'] };
    expect(() => keptResults(out, { ...settings, units: 9 }, { ...asked, resume: true })).toThrow('language.json: --resume: expected runs with the settings asked for, got LSTM, seed 1; LSTM, seed 2; HyperLSTM, seed 1 (units 8, not 9)');
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(keptResults(out, { ...settings, units: 9 }, { ...asked, resume: false })).toEqual({ settings: { ...settings, units: 9 }, trials: [], runs: [] });
    expect(log.mock.calls.flat().join()).toContain('dropped, 3 of 3: LSTM, seed 1; LSTM, seed 2; HyperLSTM, seed 1 (units 8, not 9).');
    log.mockRestore();
  });
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
