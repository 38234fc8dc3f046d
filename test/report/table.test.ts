import { expect, test } from 'vitest';
import { formatTable } from '../../src/report/table';

const header = ['learner', 'steps', 'MSE'];
const rows = [
  ['MAML', 5, { value: 0.0712, interval: 0.004 }],
  ['from scratch', 10, { value: 13.07, interval: 0.21 }],
] as const;

test('a box of aligned columns, numbers to the right', () =>
  expect(formatTable(header, rows)).toBe(
    [
      '┌──────────────┬───────┬────────────────┐',
      '│ learner      │ steps │            MSE │',
      '├──────────────┼───────┼────────────────┤',
      '│ MAML         │     5 │  0.071 ± 0.004 │',
      '│ from scratch │    10 │ 13.070 ± 0.210 │',
      '└──────────────┴───────┴────────────────┘',
    ].join('\n'),
  ));

test('markdown, with a bar in a cell escaped', () =>
  expect(formatTable(['a|b', 'MSE'], [['x|y', 0.5]], { style: 'markdown', digits: 1 })).toBe(
    ['| a\\|b | MSE |', '| :--- | --: |', '| x\\|y | 0.5 |'].join('\n'),
  ));

test('a small number does not read as zero, a missing one is empty, and NaN is NaN', () =>
  expect(formatTable(['v'], [[0.00004], [''], [NaN], [0], [0.0005]], { style: 'markdown' })).toBe(
    ['|      v |', '| -----: |', '| 4.0e-5 |', '|        |', '|    NaN |', '|      0 |', '|  0.001 |'].join('\n'),
  ));

test('a header alone is a table', () => expect(formatTable(['only'], []).split('\n')).toHaveLength(4));

test('refuses a row of another length', () =>
  expect(() => formatTable(header, [...rows, ['short']])).toThrow('formatTable: expected 3 cells in row 2, got 1.'));
