import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embeddingPicture } from '../../src/report/embedding-picture';
import { groupBy } from '../../src/report/task-groups';
import { isFull } from '../helpers/full';
import { wordsOf } from './svg';

/** On a line in three dimensions but for a little. */
const tasks = Array.from({ length: 8 }, (_, index) => ({ embedding: [3 * index, -2 * index, index % 2 ? 0.1 : 0], group: index < 4 ? 'small' : 'large' }));

describe('embeddingPicture', () => {
  test('draws a point a task and says how much of the variance the plane has; groups differ in shape', async () => {
    const svg = await embeddingPicture({ tasks, groupedBy: 'size' });
    for (const expected of ['Task embeddings', 'size', 'small', 'large', '100 % of the variance', '0 % of the variance']) expect(wordsOf(svg)).toContain(expected);
    const marks = /<g class="mark-symbol role-mark[^>]*>([^]*?)<\/g>/.exec(svg)![1]!;
    expect(marks.match(/<path/g)).toHaveLength(8);
    expect(new Set([...marks.matchAll(/ d="([^"]*)"/g)].map(([, shape]) => shape)).size).toBe(2);
    expect(await embeddingPicture({ tasks, groupedBy: 'size' })).toBe(svg);
  });

  test('embeddings of one number are points on a line', async () => {
    const flat = tasks.map(({ embedding, group }) => ({ embedding: embedding.slice(0, 1), group }));
    expect(wordsOf(await embeddingPicture({ tasks: flat, groupedBy: 'size' }))).toContain('100 % of the variance');
  });

  test('refuses what it cannot draw', async () => {
    const refusal = (embeddings: readonly (readonly number[])[]) => embeddingPicture({ tasks: embeddings.map((embedding) => ({ embedding, group: 'a' })), groupedBy: '' });
    await expect(refusal([[1]])).rejects.toThrow('embeddingPicture: expected at least 2 tasks, got 1.');
    await expect(refusal([[1, 2], [1]])).rejects.toThrow('embeddingPicture: expected embeddings of 2 finite numbers, got [1].');
    await expect(refusal([[1, 2], [1, NaN]])).rejects.toThrow('embeddingPicture: expected embeddings of 2 finite numbers, got [1, NaN].');
    await expect(refusal([[1, 2], [1, 2]])).rejects.toThrow('embeddingPicture: expected embeddings that differ, got 2 that are alike.');
    const many = tasks.map((task, index) => ({ ...task, group: String(index) }));
    await expect(embeddingPicture({ tasks: many, groupedBy: '' })).rejects.toThrow('embeddingPicture: expected at most 7 groups, got 8.');
  });
});

describe('groupBy', () => {
  test('a few numbers are groups, in order of size; many are quarters', () => {
    expect(groupBy([5, 1, 10, 1])).toEqual({ names: ['1', '5', '10'], of: ['5', '1', '10', '1'] });
    expect(groupBy([8, 1, 2, 3, 4, 5, 6, 7])).toEqual({
      names: ['1 to 2', '3 to 4', '5 to 6', '7 to 8'],
      of: ['7 to 8', '1 to 2', '1 to 2', '3 to 4', '3 to 4', '5 to 6', '5 to 6', '7 to 8'],
    });
  });

  test('the most frequent words are groups, the others are one', () => {
    const words = ['h', 'g', 'f', 'e', 'd', 'c', 'b', 'a', 'h', 'g', 'f', 'e', 'd'];
    expect(groupBy(words).names).toEqual(['d', 'e', 'f', 'g', 'h', '3 others']);
    expect(groupBy(words).of.slice(4, 8)).toEqual(['d', '3 others', '3 others', '3 others']);
  });

  test('everything has one of at most six groups, each of which has something', () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 9 }), fc.string({ maxLength: 2 }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
        const { names, of } = groupBy(values);
        expect(of).toHaveLength(values.length);
        expect(names.length).toBeLessThanOrEqual(6);
        expect(new Set(of)).toEqual(new Set(names));
      }),
      { seed: 1, numRuns: isFull ? 10_000 : 200 },
    );
  });
});
