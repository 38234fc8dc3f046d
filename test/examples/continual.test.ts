import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { missingData } from '../../examples/continual/benchmarks';
import { readContinualResults } from '../../examples/continual/results';
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
