import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What `writeJson` wrote; undefined if there is no file. */
export function readJson<Content>(path: string): Content | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Content) : undefined; // written by us
}

/** Written aside and renamed, so that an interruption leaves the file before or the file after; lists of numbers in one line. */
export function writeJson(path: string, content: object): void {
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify(content, roundFloats, 1).replace(/\[\n(?:[-\d.e+,\s]|null)+\]/g, (list) => list.replace(/\s+/g, ''));
  writeFileSync(`${path}.part`, `${text}\n`);
  renameSync(`${path}.part`, path);
}

/** What `readJson` would read, if this were written. */
export function asRead(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content, roundFloats));
}

/** Six figures: what float32 arithmetic can stand for. */
function roundFloats(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
