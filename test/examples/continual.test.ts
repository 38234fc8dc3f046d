import { expect, test } from 'vitest';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

test('the quick form runs the methods, or says which data are missing', () => {
  const few = ['--benchmark', 'permuted', '--method', 'hypernetwork', '--method', 'EWC', '--method', 'fine-tuning'];
  const printed = runExample('continual/continual', '--quick', ...(isFull ? [] : few));
  expect(printed).toMatch(/^continual: skipped|hypernetwork, seed 1: .*fine-tuning, seed 1: /ms);
}, 120_000);
