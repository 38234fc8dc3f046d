import { DataError } from '../core/errors';

/** All bytes of a file. @throws DataError when there is none. */
export function readFileBytes(path: string): Uint8Array {
  const { existsSync, readFileSync, statSync } = process.getBuiltinModule('node:fs');
  if (!existsSync(path)) throw new DataError(`${path}: expected a file, got nothing there.`);
  if (!statSync(path).isFile()) throw new DataError(`${path}: expected a file, got a folder.`);
  return readFileSync(path);
}

/** Names in a folder, sorted, without hidden ones; with `kind`, only its folders or only its files. @throws DataError */
export function listFolder(path: string, kind: 'files' | 'folders'): readonly string[] {
  const { existsSync, readdirSync, statSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  if (!existsSync(path)) throw new DataError(`${path}: expected a folder, got nothing there.`);
  if (!statSync(path).isDirectory()) throw new DataError(`${path}: expected a folder, got a file.`);
  return readdirSync(path)
    .filter((name) => !name.startsWith('.') && statSync(join(path, name)).isDirectory() === (kind === 'folders'))
    .sort();
}
