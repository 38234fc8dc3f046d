import fc from 'fast-check';
import { expect } from 'vitest';
import { DataError, ShapeError } from '../../src/core/errors';
import { isRecord } from '../../src/core/is-record';
import { isFull } from './full';

/** Every reader is tried on so many damaged inputs. */
export const hostileRuns = { numRuns: isFull ? 10_000 : 200, seed: 1 };
/** A reader of the full form may take minutes. */
export const hostileTimeout = isFull ? 1_800_000 : 30_000;

/** Reads rightly, or refuses with an error of ours in one sentence: nothing else. `check` looks at what was read. */
export async function expectReadOrRefused<Result>(read: () => Result | Promise<Result>, check: (result: Result) => void = () => undefined): Promise<'read' | 'refused'> {
  let result: Result;
  try {
    result = await read();
  } catch (error) {
    if (!(error instanceof DataError || error instanceof ShapeError)) throw error;
    expect(error.message).toMatch(/expected [^]+, got [^]*\.$/);
    expect(error.message.length).toBeLessThan(1000);
    return 'refused';
  } finally {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { hostile?: unknown }).hostile).toBeUndefined();
  }
  check(result);
  return 'read';
}

type Change = (bytes: Uint8Array) => Uint8Array;

const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Where in some bytes, as a share of their length: the length is not known yet. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (share: number, bytes: Uint8Array) => Math.floor(share * bytes.length);

const flip = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([share, mask]): Change => (bytes) => bytes.map((byte, index) => (index === at(share, bytes) ? byte ^ mask : byte)));
const cut = place.map((share): Change => (bytes) => bytes.subarray(0, at(share, bytes)));
const insert = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 12 })).map(([share, more]): Change => (bytes) => join(bytes.subarray(0, at(share, bytes)), more, bytes.subarray(at(share, bytes))));
/** A part of the input, moved over or into another part. */
const splice = fc.tuple(place, place, place, fc.boolean()).map(([start, end, to, over]): Change => (bytes) => {
  const part = bytes.subarray(at(start, bytes), at(start, bytes) + 1 + at(end, bytes) / 2);
  return join(bytes.subarray(0, at(to, bytes)), part, bytes.subarray(at(to, bytes) + (over ? part.length : 0)));
});
const remove = fc.tuple(place, fc.integer({ min: 1, max: 16 })).map(([share, count]): Change => (bytes) => join(bytes.subarray(0, at(share, bytes)), bytes.subarray(at(share, bytes) + count)));
/** Sizes that no file has, in place of 1, 2, 4 or 8 bytes. */
const huge = fc.tuple(place, fc.constantFrom(1, 2, 4, 8), fc.constantFrom(0, 0x7f, 0x80, 0xff)).map(([share, count, byte]): Change => (bytes) => Uint8Array.from(bytes).fill(byte, at(share, bytes), at(share, bytes) + count));
const twice = fc.constant<Change>((bytes) => join(bytes, bytes));

/** The same bytes with a few changes: flipped, cut, inserted, moved, removed, or with sizes that no file has. */
export function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.oneof({ weight: 4, arbitrary: flip }, { weight: 4, arbitrary: huge }, cut, insert, splice, remove, twice);
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => changes.reduce((changed, apply) => apply(changed), bytes));
}

/** What breaks readers of text, wherever it stands. */
const fragments = ['"', '\'', ',', ';', '\t', '\n', '\r\n', '\r', '\0', '\uFEFF', '\u2028', '\uD800', '{', '}', '[', ']', ':', '\\', 'NaN', 'Infinity', '-', '1e400', '1e308', '-1e308', '1e-320', '0x10', 'null', 'true', '__proto__', 'constructor', '../../x', ' ', '['.repeat(20_000), '{"a":'.repeat(20_000)];

/** The same text with a few fragments put in, in place of others, or the end cut off. */
export function damagedText(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(place, fc.nat(4), fc.constantFrom(...fragments, text));
  const cutAt = fc.option(place, { freq: 5 });
  return fc.tuple(fc.array(change, { minLength: 1, maxLength: 4 }), cutAt).map(([changes, end]) => {
    const changed = changes.reduce((before, [share, count, fragment]) => {
      const index = Math.floor(share * before.length);
      return before.slice(0, index) + fragment + before.slice(index + count);
    }, text);
    return end === null ? changed : changed.slice(0, Math.floor(end * changed.length));
  });
}

const deep = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], 1);

/** Values that stand where others are expected: of another type, out of range, or made to confuse. */
const strangers = fc.constantFrom<unknown>(
  null, true, 0, -1, 0.5, 1e300, 1e39, -0, 2 ** 53, 2 ** 31, '', 'x', '1', '__proto__', '../../x', [], {}, [[]], [null], [1e300], [-1], [2 ** 40, 2 ** 40], { toString: 1 },
  deep(100), deep(20_000), 'x'.repeat(5000), { length: 3 }, { hostile: true }, Array.from({ length: 300 }, () => 1),
);

/** JSON of any value; of one that nests too deeply to be written, as much as a writer would get to. */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? 'undefined';
  } catch {
    return '{"format":"hypermeta checkpoint","shop":'.padEnd(50_000, '[');
  }
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (path.length === 8) return []; // deep enough
  const below = Array.isArray(value)
    ? value.flatMap((item, index) => pathsOf(item, [...path, index]))
    : isRecord(value)
      ? Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))
      : [];
  return [path, ...below];
}

/** The value with one place in it changed; undefined removes it. */
function changeAt(value: unknown, [first, ...rest]: Path, change: (found: unknown) => unknown): unknown {
  if (first === undefined) return change(value);
  if (Array.isArray(value)) return value.flatMap((item, index) => (index === first ? [changeAt(item, rest, change)].filter((kept) => kept !== undefined) : [item]));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, name === first ? changeAt(item, rest, change) : item]).filter(([, item]) => item !== undefined));
}

const names = fc.constantFrom('__proto__', 'constructor', 'toString', '../../x', '', 'hostile', '__metadata__');

/** A value of JSON with a few places in it changed: replaced by strangers, removed, renamed, or with more in them. */
export function damagedJson(value: unknown): fc.Arbitrary<unknown> {
  const rename = (found: unknown, name: string) => (isRecord(found) ? Object.fromEntries(Object.entries(found).map(([key, item], index) => [index === 0 ? name : key, item])) : found);
  const extend = (found: unknown, name: string) => (isRecord(found) ? Object.fromEntries([...Object.entries(found), [name, Object.values(found)[0] ?? 1]]) : Array.isArray(found) ? [...(found as unknown[]), found[0] ?? 1] : found);
  const change = fc.oneof(
    { weight: 3, arbitrary: strangers.map((stranger) => () => stranger) },
    fc.constant(() => undefined),
    names.map((name) => (found: unknown) => rename(found, name)),
    { weight: 2, arbitrary: names.map((name) => (found: unknown) => extend(found, name)) },
  );
  const one = fc.tuple(fc.nat(), change);
  return fc.array(one, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((before, [index, apply]) => {
      const paths = pathsOf(before);
      return changeAt(before, paths[index % paths.length]!, apply);
    }, value),
  );
}

/** The header of a safetensors file. */
export function headerOf(bytes: Uint8Array): unknown {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
}

/** The file with another header: its length is right again, the values are what they were. */
export function withHeader(bytes: Uint8Array, header: unknown): Uint8Array {
  const json = new TextEncoder().encode(jsonText(header));
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const made = new Uint8Array(8 + json.length + bytes.length - 8 - length);
  new DataView(made.buffer).setBigUint64(0, BigInt(json.length), true);
  made.set(json, 8);
  made.set(bytes.subarray(8 + length), 8 + json.length);
  return made;
}
