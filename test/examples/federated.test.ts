import { expect, test } from 'vitest';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const print = (...words: string[]) => runExample('federated', ...words);

test('prints errors of clients alone and of generated networks', () => expect(print('--quick', '--rounds', '2')).toMatch(/alone[^]*generated/), 60_000);

test('--help says its options', () => expect(print('--help')).toMatch(/^Usage: npx tsx examples\/federated\.ts [^]*--rounds N[^]*--seed TEXT[^]*--quick/), 60_000);

test.runIf(isFull)('clients, and newcomers, do better with generated networks than alone on their five points', () => {
  const printed = print('--rounds', '40');
  const errorsOf = (row: string) => [...new RegExp(`${row}.*`).exec(printed)![0].matchAll(/\d\.\d+/g)].map(([value]) => Number(value));
  const [alone, generated] = [errorsOf('alone'), errorsOf('generated')];
  expect(generated[0]!).toBeLessThan(0.6 * alone[0]!);
  expect(generated[1]!).toBeLessThan(0.8 * alone[1]!);
}, 120_000);

test.runIf(isFull)('refuses what is no number of rounds in a sentence', () => {
  const many = () => print('--rounds', 'many');
  expect(many).toThrow("federated: --rounds: expected a whole number of at least 1, got 'many'.");
}, 60_000);
