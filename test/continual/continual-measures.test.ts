import { expect, test } from 'vitest';
import { continualMeasures } from '../../src/continual/continual-measures';

test('measures what is left of earlier tasks', () => {
  const { final, learned, forgetting, backwardTransfer } = continualMeasures([[0.8], [0.9, 0.7], [0.6, 0.8, 1]]);
  expect(final).toBeCloseTo(0.8);
  expect(learned).toBeCloseTo(2.5 / 3);
  expect(forgetting).toBeCloseTo((0.9 - 0.6 + (0.7 - 0.8)) / 2);
  expect(backwardTransfer).toBeCloseTo((0.6 - 0.8 + (0.8 - 0.7)) / 2);
});

test('one task has nothing to forget', () =>
  expect(continualMeasures([[0.9]])).toEqual({ final: 0.9, learned: 0.9, forgetting: 0, backwardTransfer: 0 }));

test('refuses rows of the wrong length', () =>
  expect(() => continualMeasures([[1], [1]])).toThrow('continualMeasures: expected rows of 1, 2, … values, got 1 in row 1.'));
