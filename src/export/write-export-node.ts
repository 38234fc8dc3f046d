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
 * Writes an export: `path` is the file where there is one, the folder where there are several. Written aside and renamed: where that
 * fails, there is what was there before. What was there is replaced where it is an export of that format by this library;
 * anything else is kept. Node only.
 *
 * A file is replaced in one move. A folder is moved away before the new one takes its place: a process that is killed between the
 * two leaves nothing at `path`, the old folder beside it as `.old-PID-NAME` and the new one, whole, as `.partial-PID-NAME`.
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
  const beside = (what: string) => join(dirname(target), `.${what}-${process.pid}-${basename(target)}`);
  const [aside, old] = [beside('partial'), beside('old')];
  fs().rmSync(aside, { recursive: true, force: true });
  try {
    if (isFolder) {
      fs().mkdirSync(aside);
      for (const [name, bytes] of entries) writeSynced(join(aside, name), bytes);
      syncFolder(aside);
      replaceFolder(target, aside, old);
    } else {
      writeSynced(aside, entries[0]![1]);
      fs().renameSync(aside, target);
    }
  } catch (error) {
    fs().rmSync(aside, { recursive: true, force: true });
    throw error;
  }
  syncFolder(dirname(target));
  fs().rmSync(old, { recursive: true, force: true });
}

/** Moves a folder to where another may be, which is moved away, or back where that fails. */
function replaceFolder(target: string, aside: string, old: string): void {
  const isReplaced = fs().existsSync(target);
  if (isReplaced) fs().renameSync(target, old);
  try {
    fs().renameSync(aside, target);
  } catch (error) {
    if (isReplaced) fs().renameSync(old, target);
    throw error;
  }
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
