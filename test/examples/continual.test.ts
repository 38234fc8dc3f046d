import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the quick form runs the methods, or says which data are missing', () => {
  const few = ['--benchmark', 'permuted', '--method', 'hypernetwork', '--method', 'EWC', '--method', 'fine-tuning'];
  const words = ['--import', 'tsx', 'examples/continual/continual.ts', '--quick', ...(isFull ? [] : few)];
  const printed = execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  expect(printed).toMatch(/^continual: skipped|hypernetwork, seed 1: .*fine-tuning, seed 1: /ms);
}, 120_000);
