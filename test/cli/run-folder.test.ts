import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix, win32 } from 'node:path';
import { expect, test } from 'vitest';
import { portablePath } from '../../src/cli/run-folder';
import { writeWhole } from '../../src/cli/write-whole';
import { idxBytes } from '../tasks/files';
import { command, inFolder } from './command';

test('the way to a config is written the same on every system', () => {
  expect(portablePath('C:\\work\\runs\\one', 'C:\\work\\waves.json', win32)).toBe('../../waves.json');
  expect(portablePath('C:\\work\\run', 'D:\\waves.json', win32)).toBe('D:/waves.json');
  expect(portablePath('/runs/one', '/runs/a\\b.json', posix)).toBe('../a\\b.json'); // a letter of the name
});

test('a file that cannot be written leaves nothing beside it', () =>
  inFolder((dir) => {
    mkdirSync(join(dir, 'taken'));
    expect(() => writeWhole(join(dir, 'taken'), 'words')).toThrow();
    expect(readdirSync(dir)).toEqual(['taken']);
    writeWhole(join(dir, 'free'), 'words');
    expect(readFileSync(join(dir, 'free'), 'utf8')).toBe('words');
    return Promise.resolve();
  }));

test('a run knows both files of its data again, and names both where one is another', () =>
  inFolder(async (dir) => {
    const labels = Array.from({ length: 36 }, (_, index) => index % 6);
    const write = (last: number) => {
      writeFileSync(join(dir, 'images'), idxBytes([36, 2, 2], Array.from({ length: 144 }, (_, pixel) => pixel)));
      writeFileSync(join(dir, 'labels'), idxBytes([36], [...labels.slice(0, -1), last]));
    };
    const data = { kind: 'idx', images: 'images', labels: 'labels', ways: 2, queryShots: 1, split: { train: 2, validation: 2, test: 2 } };
    const config = { data, base: { kind: 'mlp', hidden: [3] }, learner: 'protonet', trainer: { innerSteps: 0, runtime: 'tfjs' }, train: { steps: 1 }, evaluate: { episodes: 2, steps: [0] } };
    writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
    write(5);
    expect(await command('train --config config.json --out run --json', { cwd: dir })).toMatchObject({ code: 0, err: '' });
    expect(await command('evaluate --from run --json', { cwd: dir })).toMatchObject({ code: 0, err: '' });
    write(4);
    const { code, err } = await command('evaluate --from run', { cwd: dir });
    expect([code, err]).toEqual([1, `${join(dir, 'images')}, ${join(dir, 'labels')}: expected the data that the run was trained on, got other data; restore it, or train anew.\n`]);
  }));
