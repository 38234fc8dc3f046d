import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from './usage-error';

/** Writes a file aside, then renames it: whenever the process dies, all of it is there, or what was there before. */
export function writeWhole(file: string, text: string): void {
  const aside = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    writeFileSync(aside, text);
    renameSync(aside, file);
  } catch (cause) {
    rmSync(aside, { force: true });
    throw cause;
  }
}

/** The absolute path of the file that a command shall write, asked for before its work. @throws UsageError for a folder */
export function fileToWrite(out: string, cwd: string): string {
  const file = resolve(cwd, out);
  if (existsSync(file) && statSync(file).isDirectory()) throw new UsageError(`--out: expected a file, got the folder ${file}.`);
  return file;
}
