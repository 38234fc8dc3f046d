import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the quick form runs all methods, or says which data are missing', () => {
  const words = ['--import', 'tsx', 'examples/continual/continual.ts', '--quick', '--benchmark', 'split'];
  const printed = execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  expect(printed).toMatch(/^continual: skipped|hypernetwork, seed 1: .*fine-tuning, seed 1: /ms);
}, 60_000);
