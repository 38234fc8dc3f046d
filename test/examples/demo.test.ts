import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '../shared/data/omniglot');
const digits = join(root, '../shared/data/mnist');
const out = mkdtempSync(join(tmpdir(), 'hypermeta-demo-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const demo = (...words: string[]) => runExample('demo', ...words, '--out', out);

/** The mean row of the table: one number for each column. */
const means = (printed: string) => [...printed.matchAll(/mean of .*$/gm)][0]![0];

describe('npm run demo', () => {
  test('prints a table and writes pictures; in the full form, the same seed prints the same numbers', () => {
    const quick = ['--steps', '20', '--episodes', '20'];
    const first = isFull ? execFileSync('npm', ['run', 'demo', '--', ...quick, '--out', out], { cwd: root, encoding: 'utf8' }) : demo(...quick); // in full, as the README says
    expect(first).toMatch(/mean of 20 +│/);
    expect(first).toContain(`Report: ${join(out, 'sinusoids-report.html')}`);
    for (const file of ['sinusoids.svg', 'sinusoids.png', 'sinusoids-learning-curve.png', 'sinusoids-report.html']) expect(existsSync(join(out, file)), file).toBe(true);
    if (!isFull) return;
    expect(means(demo(...quick))).toBe(means(first));
    expect(means(demo(...quick, '--seed', 'two'))).not.toBe(means(first));
  }, 120_000);

  test('adapts to unseen waves: after 5 steps at most a thirtieth of the error before', { skip: !isFull, timeout: 600_000 }, () => {
    const [before, , , after] = [...means(demo()).matchAll(/([\d.]+) ±/g)].map(([, value]) => Number(value));
    expect(after! * 30).toBeLessThanOrEqual(before!);
  });

  test.skipIf(!isFull || !existsSync(data))('draws an Omniglot episode (skipped without the data beside the checkout)', () => {
    const printed = demo('omniglot', '--data', data, '--steps', '4', '--episodes', '10');
    expect(printed).toMatch(/nearest class mean of pixels +│ 0\.\d+/);
    for (const file of ['omniglot-episode.png', 'omniglot-report.html']) expect(existsSync(join(out, file)), file).toBe(true);
  }, 120_000);

  const refusals = [
    [['waves'], "demo: expected sinusoids or omniglot, got 'waves'; see --help."],
    [['omniglot'], 'demo: omniglot: expected --data DIR'],
    [['--steps', 'many'], "demo: --steps: expected a whole number of at least 1, got 'many'."],
    [['omniglot', '--data', '/nowhere'], '/nowhere'],
  ] as const;
  test.each(isFull ? refusals : refusals.slice(0, 1))('refuses %j in a sentence', (words, message) => {
    expect(() => demo(...words)).toThrow(message);
  }, 60_000);
});

describe('npm run article', () => {
  test.skipIf(!isFull || !existsSync(digits))('prints every claim as a number (skipped without MNIST beside the checkout)', () => {
    const printed = runExample('article', '--data', digits, '--quick', '--out', out);
    for (const claim of ['Parameter sharing', 'Fast adaptation and generalization', 'Cost']) expect(printed).toContain(claim);
    expect(printed).toMatch(/a chunked hypernetwork, as trained here +│ +88500/);
    expect(existsSync(join(out, 'article.png'))).toBe(true);
    const { rows } = JSON.parse(readFileSync(join(out, 'article.json'), 'utf8'));
    expect(rows).toHaveLength(14); // six numbers of steps and one network trained alone, on two kinds of tasks
    expect(rows[0]).toMatchObject({ what: 'unseen rotations', learner: 'hypernetwork, 0 steps', metric: 'accuracy', episodes: 20 });
  }, 120_000);

  test.runIf(isFull)('--help says its options', () => expect(runExample('article', '--help')).toMatch(/^Usage: npm run article [^]*--data DIR[^]*--seed TEXT[^]*--out DIR[^]*--quick/), 60_000);

  test.runIf(isFull)('says what it needs', () => expect(() => runExample('article')).toThrow("article: expected --data DIR, the folder with MNIST's four gzip files."));
});
