import { posix, win32 } from 'node:path';
import { expect, test } from 'vitest';
import { portablePath } from '../../src/cli/run-folder';

test('the way to a config is written the same on every system', () => {
  expect(portablePath('C:\\work\\runs\\one', 'C:\\work\\waves.json', win32)).toBe('../../waves.json');
  expect(portablePath('C:\\work\\run', 'D:\\waves.json', win32)).toBe('D:/waves.json');
  expect(portablePath('/runs/one', '/runs/a\\b.json', posix)).toBe('../a\\b.json'); // a letter of the name
});
