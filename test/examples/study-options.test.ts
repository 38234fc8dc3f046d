import { expect, test } from 'vitest';
import { keptRule } from '../../examples/kept-runs';
import { readSeeds } from '../../examples/study-options';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

test.each<[string, readonly string[]]>([
  ['1', ['1']],
  ['3', ['1', '2', '3']],
  ['2-3', ['2', '3']],
  ['10-10', ['10']],
])('seeds %s', (text, seeds) => expect(readSeeds('tables: --seeds', text)).toEqual(seeds));

test.each(['3-2', '0', '-1', '2-', 'all'])('no seeds: %s', (text) => expect(() => readSeeds('tables: --seeds', text)).toThrow(/^tables: --seeds: expected .* got '/));

const studies = ['tables/tables', 'image-functions/image-functions', 'new-images/new-images', 'language/language', 'continual/continual', 'claims/claims', 'detection/detection'];

test.runIf(isFull).each(studies)('%s --help says what becomes of recorded runs', (name) => expect(runExample(name, '--help')).toContain(keptRule), 60_000);
