import { expect, test } from 'vitest';
import { accuracyMatrixPicture } from '../../src/report/accuracy-matrix-picture';

test('shows every accuracy in percent', async () => {
  const svg = await accuracyMatrixPicture({ matrix: [[0.987], [0.5, 0.75]], title: 'Two tasks' });
  for (const words of ['Two tasks', '98.7', '50.0', '75.0', 'after learning task']) expect(svg).toContain(words);
});

test('refuses what is no triangle', () =>
  expect(accuracyMatrixPicture({ matrix: [[1], [1]] })).rejects.toThrow('accuracyMatrixPicture: expected rows of 1, 2, … values, got 1, 1.'));
