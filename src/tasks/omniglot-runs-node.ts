import { DataError, expectCount, shown } from '../core/errors';
import { listFolder, readFileBytes } from '../core/read-file-node';
import { drawingReader, drawingSize } from './drawing';
import type { OmniglotRun, OmniglotRuns } from './omniglot-runs';
import { readZip, type ZipFile } from './read-zip';

export interface ReadOmniglotRunsOptions {
  /** Height and width of the images. @default 28 */
  readonly size?: number;
  /** Training and test drawings of a run. @default 20 */
  readonly ways?: number;
}

const labelFile = 'class_labels.txt';
const isDrawing = /^(training|test)\/[^/]+\.png$/;

/**
 * Runs of the Omniglot challenge from a folder or a zip: `runNN/training/classMM.png`, `runNN/test/itemMM.png` and
 * `runNN/class_labels.txt`, which pairs a test file with its training file on each line. They may lie one folder down. Runs come in
 * the order of their numbers.
 *
 * @throws DataError naming the run and the file: missing labels, a label that names no file, another number of drawings, an
 * image of another size
 */
export async function readOmniglotRuns(path: string, { size = 28, ways = 20 }: ReadOmniglotRunsOptions = {}): Promise<OmniglotRuns> {
  expectCount('readOmniglotRuns: size', size);
  expectCount('readOmniglotRuns: ways', ways, 2);
  const readDrawing = await drawingReader(size);
  const folders = new Map<string, Map<string, Uint8Array>>();
  for (const { name, bytes } of await readRunFiles(path)) {
    const [, folder, file] = /^((?:[^/]+\/)?run\d+)\/(.+)$/.exec(name)!; // only such were read
    folders.set(folder!, (folders.get(folder!) ?? new Map<string, Uint8Array>()).set(file!, bytes));
  }
  if (folders.size === 0) throw new DataError(`${path}: expected folders run01, run02, …, got none.`);
  const nameOf = (folder: string) => folder.split('/').at(-1)!;
  const found = [...folders].sort(([one], [other]) => Number(nameOf(one).slice(3)) - Number(nameOf(other).slice(3))); // run100 is after run11
  const names = found.map(([folder]) => nameOf(folder));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new DataError(`${path}: expected each run once, got ${twice} twice.`);
  const runs = found.map(([folder, files], index) => parseRun({ where: `${path}: ${folder}`, name: names[index]!, files, ways, readDrawing }));
  return { inputShape: [size, size, 1], runs };
}

/**
 * Writes runs of drawings of 105 × 105 in the form that `readOmniglotRuns` reads. Makes the folder.
 *
 * @throws RangeError for drawings of another size, DataError for a folder that has runs, which would be read with them
 */
export async function writeOmniglotRuns({ inputShape, runs }: OmniglotRuns, path: string): Promise<void> {
  if (inputShape[0] !== drawingSize || inputShape[1] !== drawingSize)
    throw new RangeError(`writeOmniglotRuns: expected drawings of ${drawingSize} x ${drawingSize}, got ${inputShape.join(' x ')}; read the set with size: ${drawingSize}.`);
  const { encode } = await import('fast-png');
  const { existsSync, mkdirSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  const old = existsSync(path) ? listFolder(path, 'folders').find((name) => isRun(name)) : undefined;
  if (old !== undefined) throw new DataError(`${path}: expected a folder without runs to write to, got one with ${old}; remove its runs, or choose another.`);
  const png = (drawing: Uint8Array) => encode({ width: drawingSize, height: drawingSize, channels: 1, data: drawing.map((level) => 255 - level) });
  const number = (index: number) => String(index + 1).padStart(2, '0');
  for (const { name, training, test, labels } of runs) {
    for (const kind of ['training', 'test']) mkdirSync(join(path, name, kind), { recursive: true });
    const classFile = (index: number) => `${name}/training/class${number(index)}.png`;
    const itemFile = (index: number) => `${name}/test/item${number(index)}.png`;
    training.forEach((drawing, index) => writeFileSync(join(path, classFile(index)), png(drawing)));
    test.forEach((drawing, index) => writeFileSync(join(path, itemFile(index)), png(drawing)));
    writeFileSync(join(path, name, labelFile), labels.map((label, index) => `${itemFile(index)} ${classFile(label)}\n`).join(''));
  }
}

/** The files that make up runs, by their path from where the runs lie, sorted. */
async function readRunFiles(path: string): Promise<readonly ZipFile[]> {
  const { existsSync, statSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  if (!existsSync(path)) throw new DataError(`${path}: expected a folder or a zip of runs, got nothing there.`);
  if (!statSync(path).isDirectory())
    return readZip(readFileBytes(path), path, (name) => /^([^/]+\/)?run\d+\//.test(name) && !name.startsWith('__MACOSX/') && isRunFile(name));
  const here = listFolder(path, 'folders');
  const folders = [...here.filter((name) => isRun(name)), ...here.filter((name) => !isRun(name)).flatMap((name) => listFolder(join(path, name), 'folders').filter((run) => isRun(run)).map((run) => `${name}/${run}`))];
  return folders.flatMap((folder) => {
    const kinds = listFolder(join(path, folder), 'folders').map((kind) => `${folder}/${kind}`);
    const files = [folder, ...kinds].flatMap((inside) => listFolder(join(path, inside), 'files').map((file) => `${inside}/${file}`));
    return files.filter(isRunFile).map((name) => ({ name, bytes: readFileBytes(join(path, name)) }));
  });
}

function isRun(folder: string): boolean {
  return /^run\d+$/.test(folder);
}

function isRunFile(name: string): boolean {
  const [folder, file] = name.split('/').slice(-2) as [string, string];
  return file === labelFile ? isRun(folder) : isDrawing.test(`${folder}/${file}`) && !file.startsWith('.');
}

interface RunFiles {
  /** How errors call the run. */
  readonly where: string;
  readonly name: string;
  /** By their path from the run's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly ways: number;
  readonly readDrawing: (bytes: Uint8Array, where: string) => Uint8Array;
}

function parseRun({ where, name, files, ways, readDrawing }: RunFiles): OmniglotRun {
  const labelBytes = files.get(labelFile);
  if (!labelBytes) throw new DataError(`${where}: expected a file ${labelFile}, got none.`);
  const [training, test] = ['training', 'test'].map((kind) => {
    const found = [...files.keys()].filter((file) => file.startsWith(`${kind}/`)).sort();
    if (found.length !== ways) throw new DataError(`${where}/${kind}: expected ${ways} drawings, got ${found.length}.`);
    return found;
  }) as [string[], string[]];
  const classOf = new Map<string, number>();
  const lines = new TextDecoder().decode(labelBytes).split(/\r?\n/).map((line) => line.trim());
  lines.forEach((line, index) => {
    if (line === '') return;
    const here = `${where}/${labelFile}: line ${index + 1}`;
    const words = line.split(/\s+/);
    if (words.length !== 2) throw new DataError(`${here}: expected a test file and its training file, got '${shown(line)}'.`);
    const item = findFile(here, words[0]!, name, test);
    if (classOf.has(test[item]!)) throw new DataError(`${here}: expected each test file once, got '${shown(words[0])}' again.`);
    classOf.set(test[item]!, findFile(here, words[1]!, name, training));
  });
  if (classOf.size !== ways) throw new DataError(`${where}/${labelFile}: expected a line for each of ${ways} test files, got ${classOf.size}.`);
  const read = (file: string) => readDrawing(files.get(file)!, `${where}/${file}`);
  return { name, training: training.map(read), test: test.map(read), labels: test.map((file) => classOf.get(file)!) };
}

/** Which of the files a label names, with or without the folders above it. */
function findFile(where: string, word: string, run: string, files: readonly string[]): number {
  const named = word.split('/').slice(-3).join('/');
  const found = files.findIndex((file) => `/${run}/${file}`.endsWith(`/${named}`));
  if (found < 0) throw new DataError(`${where}: expected a file of ${run}/${files[0]!.split('/')[0]!}, got '${shown(word)}'.`);
  return found;
}
