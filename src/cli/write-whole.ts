import { renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Writes a file aside, then renames it: whenever the process dies, all of it is there, or what was there before. */
export function writeWhole(file: string, text: string): void {
  const aside = join(dirname(file), `.${basename(file)}.${process.pid}`);
  writeFileSync(aside, text);
  renameSync(aside, file);
}
