import { DataError } from './errors';

/** All bytes of a file. @throws DataError when there is none, or none that can be read. */
export function readFileBytes(path: string): Uint8Array {
  const { readFileSync, statSync } = process.getBuiltinModule('node:fs');
  return orUnreadable(path, () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new DataError(`${path}: expected a file, got nothing there.`);
    if (!found.isFile()) throw new DataError(`${path}: expected a file, got ${found.isDirectory() ? 'a folder' : 'something else'}.`);
    return readFileSync(path);
  });
}

/** Names in a folder, sorted, without hidden ones; with `kind`, only its folders or only its files. @throws DataError */
export function listFolder(path: string, kind: 'files' | 'folders'): readonly string[] {
  const { readdirSync, statSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  return orUnreadable(path, () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new DataError(`${path}: expected a folder, got nothing there.`);
    if (!found.isDirectory()) throw new DataError(`${path}: expected a folder, got a file.`);
    const isFolder = (name: string) => statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory() ?? false; // a link may lead nowhere
    return readdirSync(path)
      .filter((name) => !name.startsWith('.') && isFolder(name) === (kind === 'folders'))
      .sort();
  });
}

/** What the system refuses becomes one sentence. */
function orUnreadable<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${path}: expected a file or folder that can be read, got ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
