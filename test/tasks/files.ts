import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';

/** Runs `work` with a new folder that holds the files, and removes it. */
export async function withFiles(files: Readonly<Record<string, Uint8Array>>, work: (dir: string) => unknown): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tasks-'));
  try {
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), bytes);
    }
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A grey 1-bit PNG of 105 × 105: paper, with ink in the first `ink` rows. */
export function drawing(ink: number): Uint8Array {
  const data = new Uint8Array(105 * 14).fill(255).fill(0, 0, ink * 14);
  return encode({ width: 105, height: 105, depth: 1, channels: 1, data });
}

/** An archive in Omniglot's layout; drawer d of character c has ink in c + d rows. */
export function omniglotZip(folder: string, alphabets: readonly string[], characters: number, drawers: number): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  for (const alphabet of alphabets)
    for (let character = 1; character <= characters; character++)
      for (let drawer = 1; drawer <= drawers; drawer++)
        files[`${folder}/${alphabet}/character${pad(character, 2)}/${pad(character, 4)}_${pad(drawer, 2)}.png`] =
          drawing(3 * (character + drawer));
  return zipSync(files);
}

/** An IDX file of unsigned bytes. */
export function idxBytes(shape: readonly number[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => new DataView(bytes.buffer).setUint32(4 + 4 * axis, size));
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

/** A folder of public data beside the repository, or undefined with a line that says what is skipped. */
export function realData(name: string): string | undefined {
  const dir = join(fileURLToPath(new URL('../..', import.meta.url)), '../shared/data', name);
  if (existsSync(dir)) return dir;
  console.warn(`Skipped: the tests on real ${name} images, as ../shared/data/${name} is not there.`);
  return undefined;
}

/** A run of the Omniglot challenge: so many drawings to learn from, and as many to tell, in another order. */
export function runFiles(name: string, ways: number): Readonly<Record<string, Uint8Array>> {
  const number = (index: number) => String(index + 1).padStart(2, '0');
  const indexes = Array.from({ length: ways }, (_, index) => index);
  const lines = indexes.map((index) => `${name}/test/item${number(index)}.png ${name}/training/class${number(ways - 1 - index)}.png\n`);
  return {
    ...Object.fromEntries(indexes.map((index) => [`${name}/training/class${number(index)}.png`, drawing(9 * (index + 1))])),
    ...Object.fromEntries(indexes.map((index) => [`${name}/test/item${number(index)}.png`, drawing(9 * (ways - index))])),
    [`${name}/class_labels.txt`]: new TextEncoder().encode(lines.join('')),
  };
}
