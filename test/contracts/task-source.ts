import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/core/shape';
import type { Episode, ExampleArrays, TaskSource, TaskSplits } from '../../src/core/task';

/** What every task source promises. */
export function testTaskSource(name: string, makeSource: () => TaskSource): void {
  describe(`${name} as a task source`, () => {
    const source = makeSource();
    const inputSize = sizeOf(source.inputShape);
    const episodes = Array.from({ length: 8 }, (_, index) => source.sample('contract', index));

    test('an episode is a pure function of seed and index', () => {
      const again = makeSource();
      for (const index of [5, 0, 3]) expect(again.sample('contract', index)).toEqual(episodes[index]);
    });

    test('another index, and another seed, is another episode', () => {
      expect(new Set(episodes.map(fingerprint)).size).toBe(episodes.length);
      expect(fingerprint(source.sample('another seed', 0))).not.toBe(fingerprint(episodes[0]!));
    });

    test('support and query have the shapes and counts they say, the same in every episode', () => {
      for (const { support, query } of episodes) {
        for (const { x, y, count } of [support, query]) {
          expect(count).toBeGreaterThan(0);
          expect(x.length).toBe(count * inputSize);
          expect(y.length).toBe(count * sizeOf(source.targetShape));
        }
        expect([support.count, query.count]).toEqual([episodes[0]!.support.count, episodes[0]!.query.count]);
      }
    });

    test('support and query have no example in common', () => {
      for (const { support, query } of episodes) {
        const inputs = new Set(rowsOf(support, inputSize));
        expect(rowsOf(query, inputSize).filter((input) => inputs.has(input))).toEqual([]);
      }
    });

    test('all values are finite', () => {
      for (const { support, query } of episodes)
        for (const values of [support.x, support.y, query.x, query.y]) expect(values.every(Number.isFinite)).toBe(true);
    });

    test('targets, row and condition are what the source declares', () => {
      for (const { support, query, row, condition } of episodes) {
        if (source.objective.target === 'class')
          for (const { y, count } of [support, query]) {
            expect([...y].every((value) => value === 0 || value === 1)).toBe(true);
            expect(y.reduce((sum, value) => sum + value, 0)).toBe(count);
          }
        if (source.rows === undefined) expect(row).toBeUndefined();
        else expect(Array.from({ length: source.rows }, (_, known) => known)).toContain(row);
        expect(condition?.length).toBe(source.conditionSize);
      }
    });
  });
}

/** Three sources whose episodes name their classes in `about.classes` never show the same class, turned or not. */
export function testTaskSplits(name: string, makeSplits: () => TaskSplits | Promise<TaskSplits>): void {
  test(`${name}: train, validation and test have no class in common, rotations included`, async () => {
    const splits = await makeSplits();
    const seen = [splits.train, splits.validation, splits.test].map(
      (source) => new Set(Array.from({ length: 60 }, (_, index) => classNames(source.sample('splits', index))).flat()),
    );
    seen.forEach((names) => expect(names.size).toBeGreaterThan(0));
    expect(new Set(seen.flatMap((names) => [...names])).size).toBe(seen.reduce((sum, names) => sum + names.size, 0));
  });
}

function classNames({ about }: Episode): string[] {
  return (about!.classes as readonly string[]).map((name) => name.replace(/ \(\d+°\)$/, ''));
}

function fingerprint({ support, query }: Episode): string {
  return [support.x, support.y, query.x, query.y].map((values) => values.join()).join(';');
}

function rowsOf({ x, count }: ExampleArrays, size: number): string[] {
  return Array.from({ length: count }, (_, example) => x.subarray(example * size, (example + 1) * size).join());
}
