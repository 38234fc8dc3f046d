import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { challengeSection } from '../../examples/tables/challenge-report';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-challenge-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

function keep(set: string, background: string, mean: number): void {
  const settings = { learner: 'protonet', size: 28, filters: [8, 8], pools: 2, steps: 10, seed: '0' };
  const score = { runs: [{ name: 'run01', error: mean }], mean, standardError: 0.01 };
  mkdirSync(join(folder, 'omniglot-challenge', set), { recursive: true });
  writeFileSync(join(folder, 'omniglot-challenge', set, `${background}.json`), JSON.stringify({ background, settings, scoredOn: 'own runs', score, env: { seconds: 5, commit: 'abc' } }));
}

test('the challenge has no section before a model is trained', () => expect(challengeSection(folder)).toBeUndefined());

test('a model of its own column; two background sets of one column are averaged', () => {
  keep('original', 'original', 0.08);
  keep('minimal', 'small1', 0.2);
  keep('minimal', 'small2', 0.1);
  const section = challengeSection(folder)!;
  expect(section).toMatch(/\| here +\| +8\.0 ± 1\.0 +\| +15\.0 \(small1 20\.0 ± 1\.0, small2 10\.0 ± 1\.0\) \|/);
  expect(section).toMatch(/prototypical network \(published\) +\| +13\.7 \[C\] +\| +30\.1 \[C\]/);
  expect(section).toContain('small1: protonet, 28 × 28, filters 8-8, 2 pools, 10 episodes, seed 0, 5 s, commit abc.');
});
