import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';
import { omniglotZip, withFiles } from '../tasks/files';

test.runIf(isFull)('npm run ready:train writes weights and scores', { timeout: 300_000 }, () => {
  const archives = {
    'images_background.zip': omniglotZip('images_background', ['Greek', 'Latin', 'Futurama'], 6, 6),
    'images_evaluation.zip': omniglotZip('images_evaluation', ['Tibetan', 'Tengwar', 'Oriya', 'Keble'], 5, 15),
  };
  return withFiles(archives, (dir) => {
    const printed = runExample('ready/train', '--data', dir, '--out', dir, '--steps', '2', '--episodes', '2');
    expect(printed).toMatch(/20-way 1-shot, as shipped, float16: [01]\.\d{4}/);
    expect(existsSync(join(dir, 'src/ready/characters-weights.ts'))).toBe(true);
    const { protocol, rows } = JSON.parse(readFileSync(join(dir, 'results/ready/characters.json'), 'utf8')) as { protocol: { size: object }; rows: object[] };
    expect(protocol.size).toEqual({ weights: 72849, bytes: 145698, base64: 194264 });
    expect(rows.length).toBe(5);
  });
});
