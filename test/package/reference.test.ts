import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.runIf(isFull)('every public function has its page in the reference, and no warning is left', () => {
  const out = mkdtempSync(join(tmpdir(), 'hypermeta-reference-'));
  try {
    const printed = execFileSync('npm', ['run', '-s', 'reference', '--', '--out', out], { cwd: root, encoding: 'utf8' });
    expect(printed).not.toContain('warning');
    expect(readdirSync(join(out, 'functions'))).toEqual(expect.arrayContaining(['metaTrainer.html', 'hyperLearner.html', 'maml.html']));
    const page = readFileSync(join(out, 'functions/maml.html'), 'utf8');
    expect(page).toContain('1703.03400');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}, 300_000);
