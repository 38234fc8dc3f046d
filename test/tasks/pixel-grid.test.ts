import { expect, test } from 'vitest';
import { pixelGrid } from '../../src/tasks/pixel-grid';

test('the middles of pixels, row by row, to the right and down', () => {
  expect([...pixelGrid([1, 2])]).toEqual([-0.5, 0, 0.5, 0]);
  expect([...pixelGrid([2, 1])]).toEqual([0, -0.5, 0, 0.5]);
  expect([...pixelGrid([1, 1])]).toEqual([0, 0]);
});

test('four pixels of a finer grid surround one of a coarse grid', () => {
  const [coarse, fine] = [pixelGrid([2, 2]), pixelGrid([4, 4])];
  const middle = [0, 1, 4, 5].reduce((sum, place) => sum + fine[2 * place]! / 4, 0);
  expect(middle).toBe(coarse[0]);
});

test('refuses sizes that are no counts', () =>
  expect(() => pixelGrid([0, 2])).toThrow('pixelGrid: height: expected a whole number of at least 1, got 0.'));
