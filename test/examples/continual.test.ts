import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { missingData } from '../../examples/continual/benchmarks';
import { addRun, checkRuns, hasRun, readContinualResults, type ContinualRun } from '../../examples/continual/results';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const data = join(fileURLToPath(new URL('../..', import.meta.url)), '../shared/data');
const out = mkdtempSync(join(tmpdir(), 'hypermeta-continual-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test.skipIf(!existsSync(join(data, 'mnist')))('the quick form runs the methods and prints the accuracy that it keeps (skipped without MNIST beside the checkout)', () => {
  const few = ['EWC', 'fine-tuning', 'hypernetwork'];
  const words = isFull ? [] : ['--benchmark', 'permuted', ...few.flatMap((name) => ['--method', name])];
  const printed = runExample('continual/continual', '--quick', '--data', data, '--out', out, ...words);
  const { runs } = readContinualResults(join(out, 'results/continual/permuted.json'))!;
  expect(runs.map(({ method }) => method)).toEqual(expect.arrayContaining(few));
  for (const { method, accuracy, inferred } of runs) {
    expect(accuracy.map(({ length }) => length)).toEqual([1, 2]); // after each task, of those so far
    for (const share of [...accuracy.flat(), ...inferred]) {
      expect(share, method).toBeGreaterThanOrEqual(0);
      expect(share, method).toBeLessThanOrEqual(1);
    }
    const [one, other] = accuracy[1]!;
    expect(printed).toContain(`permuted, ${method}, seed 1: ${(50 * (one! + other!)).toFixed(2)} % with the task given, `);
  }
}, 120_000);

test('says which data are missing', () =>
  expect(missingData('/nowhere')).toMatch(/^continual: skipped, because \/nowhere\/mnist\/.+ is not there: give --data DIR, a folder whose folder mnist holds MNIST's four files\.$/));

describe('runs of a method with other settings', () => {
  const path = join(out, 'settings.json');
  const made = (method: string, seed: string, steps: number) => ({ method, seed, settings: { steps, clip: null } }) as unknown as ContinualRun; // what is looked at
  const names = () => readContinualResults(path)!.runs.map(({ method, seed, settings }) => `${method} ${seed}, ${String(settings['steps'])} steps`);
  const asked = [made('EWC', '3', 9)];
  for (const [method, seed] of [['EWC', '1'], ['EWC', '2'], ['SI', '1']] as const) addRun(path, 'Made up', made(method, seed, 5));

  test('are named and refused with --resume', () => {
    expect(() => checkRuns(path, asked, true)).toThrow(`${path}: --resume: expected runs with the settings asked for, got EWC, seed 1; EWC, seed 2 (steps 5, not 9); give the same settings`);
    expect(() => checkRuns(path, [made('EWC', '3', 5)], true)).not.toThrow();
    expect(() => checkRuns('/nowhere', asked, true)).not.toThrow();
    expect([hasRun(path, made('EWC', '2', 5)), hasRun(path, made('EWC', '3', 5))]).toEqual([true, false]);
  });

  test('are dropped with a word without it: they are not averaged', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    checkRuns(path, asked, false);
    expect(log.mock.calls.flat()).toEqual([`${path}: recorded runs of other settings are dropped, 2 of 3: EWC, seed 1; EWC, seed 2 (steps 5, not 9).`]);
    log.mockRestore();
    addRun(path, 'Made up', asked[0]!);
    expect(names()).toEqual(['EWC 3, 9 steps', 'SI 1, 5 steps']);
    addRun(path, 'Made up', made('EWC', '1', 9));
    expect(names()).toEqual(['EWC 1, 9 steps', 'EWC 3, 9 steps', 'SI 1, 5 steps']);
  });
});
