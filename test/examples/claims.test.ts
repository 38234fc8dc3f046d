import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { claimsSection } from '../../examples/claims/report';
import { readRecords, type LearnerRun } from '../../examples/claims/records';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '../shared/data');
const out = mkdtempSync(join(tmpdir(), 'hypermeta-claims-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const claims = (...words: string[]) => runExample('claims/claims', ...words, '--out', out);
const learners = () => readRecords<LearnerRun>(join(out, 'results', 'claims', 'learners.json'));

describe('npm run claims', () => {
  test('trains a learner of each kind on waves, and says where the characters are missing', async () => {
    const printed = claims('generalization', '--quick', '--data', join(out, 'nowhere'));
    expect(printed).toMatch(/characters: skipped, because .+ is not there/);
    expect(learners().map(({ kind, domain }) => `${domain} ${kind}`)).toEqual(['waves hypernetwork', 'waves traditional']);
    const { scores, steps, values, facts } = learners()[0]!;
    expect(Object.keys(scores)).toEqual(['unseen', 'shifted']);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(scores['unseen']!.find((score) => score.steps === steps)!.mean).toBeCloseTo(mean, 3);
    expect(facts.bytesPerTask).toBe(32); // an embedding of 8
    const section = (await claimsSection(join(out, 'results')))!;
    expect(section).toContain('### Sine waves of amplitude 5 to 8');
    expect(section).not.toContain('NaN');
  }, 120_000);

  test.skipIf(!isFull || !existsSync(join(data, 'omniglot')))('runs every claim, and keeps what is there (skipped without the data beside the checkout)', async () => {
    const before = learners().map(({ env }) => env['date']);
    for (const claim of ['sharing', 'speed', 'generalization', 'cost']) claims(claim, '--quick', '--resume', '--data', data);
    expect(learners().slice(0, 2).map(({ env }) => env['date'])).toEqual(before);
    const section = (await claimsSection(join(out, 'results')))!;
    for (const title of ['## Parameter sharing', '## Fast adaptation', '## Generalization', '## What a hypernetwork’s training step costs']) expect(section).toContain(title);
    expect(section).not.toContain('NaN');
    for (const name of ['sharing-waves', 'speed-characters-ms', 'generalization-gap', 'cost-2'])
      for (const extension of ['svg', 'png']) expect(existsSync(join(out, 'results', 'claims', `${name}.${extension}`)), name).toBe(true);
  }, 600_000);

  test.skipIf(!isFull)('refuses a claim that there is not', () => expect(() => claims('colour')).toThrow("claims: expected one of sharing, speed, generalization, cost, got 'colour'; see --help."), 60_000);
});
