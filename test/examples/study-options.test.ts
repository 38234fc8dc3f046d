import { expect, test } from 'vitest';
import { readSeeds } from '../../examples/study-options';

test.each<[string, readonly string[]]>([
  ['1', ['1']],
  ['3', ['1', '2', '3']],
  ['2-3', ['2', '3']],
  ['10-10', ['10']],
])('seeds %s', (text, seeds) => expect(readSeeds('tables: --seeds', text)).toEqual(seeds));

test.each(['3-2', '0', '-1', '2-', 'all'])('no seeds: %s', (text) => expect(() => readSeeds('tables: --seeds', text)).toThrow(/^tables: --seeds: expected .* got '/));
