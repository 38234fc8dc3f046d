/** `npm run notebooks`: executes the notebooks, or those named, and writes their outputs into them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { notebookNames, notebookRoom, notebooksFolder, pythonOfNotebooks } from './run-notebooks';

const python = pythonOfNotebooks();
if (!python) throw new Error('notebooks: expected a Python with nbclient, got none; install it with `apt install python3-nbclient`.');
const asked = process.argv.slice(2).map((path) => basename(path));
const unknown = asked.find((name) => !notebookNames.includes(name));
if (unknown) throw new Error(`notebooks: expected one of ${notebookNames.join(', ')}, got '${unknown}'.`);

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-notebooks-'));
try {
  const room = notebookRoom(folder, python);
  for (const name of asked.length > 0 ? asked : notebookNames) {
    room.execute([join(notebooksFolder, name)], notebooksFolder);
    console.log(`${name}: executed`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
