import { expect, test } from 'vitest';
import { orthogonalInit } from '../../src/core/initializers';
import { createRng } from '../../src/core/rng';

/** Products of the columns of a block with each other, or of its rows. */
function products(shape: readonly [number, number], blocks: number, block: number, lines: 'rows' | 'columns'): number[][] {
  const values = orthogonalInit(blocks)(createRng('orthogonal'), shape);
  const width = shape[1] / blocks;
  const at = (row: number, column: number) => values[row * shape[1] + block * width + column]!;
  const [count, length] = lines === 'rows' ? [shape[0], width] : [width, shape[0]];
  const read = (line: number, place: number) => (lines === 'rows' ? at(line, place) : at(place, line));
  const indices = Array.from({ length: count }, (_, index) => index);
  return indices.map((one) => indices.map((other) => Array.from({ length }, (_, place) => read(one, place) * read(other, place)).reduce((sum, value) => sum + value)));
}

test.each([
  ['columns of a square block', [5, 10], 2, 1, 'columns'],
  ['columns of a tall one', [7, 3], 1, 0, 'columns'],
  ['rows of a wide one', [2, 12], 3, 2, 'rows'],
] as const)('%s have length 1 and stand at right angles', (_, shape, blocks, block, lines) => {
  for (const [one, row] of products(shape, blocks, block, lines).entries())
    for (const [other, value] of row.entries()) expect(value).toBeCloseTo(one === other ? 1 : 0, 6);
});

test('a column of 200,000 has length 1', () =>
  expect(Math.sqrt(orthogonalInit()(createRng('orthogonal'), [200_000, 1]).reduce((sum, value) => sum + value * value, 0))).toBeCloseTo(1, 6));

test('refuses columns that blocks cannot share', () =>
  expect(() => orthogonalInit(4)(createRng('a'), [3, 6])).toThrow('orthogonalInit: expected a matrix of 4 equal blocks of columns, got shape [3, 6].'));
