import { DataError } from '../core/errors';
import { syncFolder, writeSynced } from '../io/synced-files-node';
import { firstLine } from './javascript';
import type { ExportedFiles, ExportFormat } from './exported-files';

const fs = () => process.getBuiltinModule('node:fs');
const path = () => process.getBuiltinModule('node:path');

/** Whether a file begins like one of the format that this library wrote. */
const looksLike: Readonly<Record<ExportFormat, (start: Uint8Array) => boolean>> = {
  onnx: (start) => start[0] === 8 && new TextDecoder().decode(start.subarray(4)).startsWith('hypermeta'), // the version's field, then the writer's name
  safetensors: (start) => new TextDecoder().decode(start.subarray(8)).startsWith('{"__metadata__":{"generatedBy":"hypermeta"'), // after the header's length
  javascript: (start) => new TextDecoder().decode(start).startsWith(firstLine),
  tfjs: (start) => /^\{"format":"(layers|graph)-model"/.test(new TextDecoder().decode(start)),
};

/**
 * Writes an export: `path` is the file where there is one, the folder where there are several. Written aside and renamed, so that
 * there is all of it or what was there before. What was there is replaced where it is an export of that format by this library;
 * anything else is kept. Node only.
 *
 * @throws DataError where something else is there
 */
export function writeExport(to: string, { format, files }: ExportedFiles): void {
  const { basename, dirname, join, resolve } = path();
  const target = resolve(to);
  const entries = Object.entries(files);
  const isFolder = entries.length > 1;
  if (isFolder) expectOwnFolder(target, format, files);
  else expectOwnFile(target, format);
  fs().mkdirSync(dirname(target), { recursive: true });
  const aside = join(dirname(target), `.partial-${process.pid}-${basename(target)}`);
  fs().rmSync(aside, { recursive: true, force: true });
  if (isFolder) {
    fs().mkdirSync(aside);
    for (const [name, bytes] of entries) writeSynced(join(aside, name), bytes);
    syncFolder(aside);
  } else writeSynced(aside, entries[0]![1]);
  const old = join(dirname(target), `.old-${process.pid}-${basename(target)}`);
  if (isFolder && fs().existsSync(target)) fs().renameSync(target, old);
  fs().renameSync(aside, target);
  syncFolder(dirname(target));
  fs().rmSync(old, { recursive: true, force: true });
}

function expectOwnFile(file: string, format: ExportFormat): void {
  const found = fs().statSync(file, { throwIfNoEntry: false });
  if (!found || (found.isFile() && looksLike[format](startOf(file)))) return;
  throw new DataError(`${file}: expected a new file, or an export as ${format} to replace, got ${found.isFile() ? 'another file' : 'a folder'}; choose another path.`);
}

/** A folder that is not there, is empty, or has files of these names alone, the first of which says what they are. */
function expectOwnFolder(dir: string, format: ExportFormat, files: ExportedFiles['files']): void {
  const found = fs().statSync(dir, { throwIfNoEntry: false });
  if (!found) return;
  const refuse = (what: string) => new DataError(`${dir}: expected a new folder, or an export as ${format} to replace, got ${what}; choose another path.`);
  if (!found.isDirectory()) throw refuse('a file');
  const names = fs().readdirSync(dir);
  const foreign = names.find((name) => !Object.hasOwn(files, name));
  if (foreign !== undefined) throw refuse(`a folder with ${foreign}`);
  const main = Object.keys(files)[0]!; // there are several
  if (names.length > 0 && !(names.includes(main) && looksLike[format](startOf(path().join(dir, main))))) throw refuse(`a folder without such a ${main}`);
}

function startOf(file: string): Uint8Array {
  const start = new Uint8Array(256);
  const handle = fs().openSync(file, 'r');
  try {
    return start.subarray(0, fs().readSync(handle, start));
  } finally {
    fs().closeSync(handle);
  }
}
