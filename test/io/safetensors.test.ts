import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { hostFloats } from '../../src/core/host-tensor';
import { sizeOf } from '../../src/core/shape';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors';
import { damaged, expectReadOrRefused, hostileRuns, hostileTimeout } from '../helpers/hostile';

const tensors = {
  'base/kernel': hostFloats(Float32Array.of(1, -2.5, 3e-20, 4, 5, 6), [1, 2, 3]),
  bias: hostFloats(Float32Array.of(7), []),
  nothing: hostFloats(new Float32Array(0), [0, 4]),
};
const bytes = writeSafetensors(tensors, { made: 'by hand' });

/** A file of this header, as it is, and so many bytes of values. */
function file(header: unknown, values = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const made = new Uint8Array(8 + json.length + values);
  new DataView(made.buffer).setBigUint64(0, BigInt(json.length), true);
  made.set(json, 8);
  return made;
}

const f32 = (shape: readonly unknown[], offsets: readonly unknown[]) => ({ dtype: 'F32', shape, data_offsets: offsets });

describe('safetensors', () => {
  test('what was written is read', () => {
    expect(readSafetensors(bytes, 'file')).toEqual({ tensors, metadata: { made: 'by hand' } });
    expect(readSafetensors(writeSafetensors({}), 'file')).toEqual({ tensors: {}, metadata: {} });
  });

  test('also from the middle of another array', () => {
    const around = new Uint8Array(bytes.length + 11);
    around.set(bytes, 3);
    expect(readSafetensors(around.subarray(3, 3 + bytes.length), 'file').tensors).toEqual(tensors);
  });

  test('the bytes are those of the format: length, JSON, then float32 values at a multiple of 8', () => {
    const made = writeSafetensors({ b: hostFloats(Float32Array.of(1), [1]), a: hostFloats(Float32Array.of(-2, 0.5), [2]) });
    const header = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}';
    const length = Number(new DataView(made.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(new TextDecoder().decode(made.subarray(8, 8 + length)).trimEnd()).toBe(header);
    expect([...made.subarray(8 + length)]).toEqual([0, 0, 0, 192, 0, 0, 0, 63, 0, 0, 128, 63]); // −2, ½, 1: little-endian IEEE 754
  });

  test('float16 takes half the bytes, and gives what float16 holds', () => {
    const made = writeSafetensors({ a: hostFloats(Float32Array.of(-2, 0.5, 1 + 2 ** -12), [3]), b: hostFloats(Float32Array.of(1), [1]) }, {}, { dtype: 'F16' });
    const header = '{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"F16","shape":[1],"data_offsets":[6,8]}}';
    expect(new TextDecoder().decode(made.subarray(8, -8)).trimEnd()).toBe(header);
    expect([...made.subarray(-8)]).toEqual([0, 192, 0, 56, 0, 60, 0, 60]); // −2, ½, 1, 1: little-endian binary16
    expect(readSafetensors(made, 'file').tensors).toEqual({ a: hostFloats(Float32Array.of(-2, 0.5, 1), [3]), b: hostFloats(Float32Array.of(1), [1]) });
    expect(() => writeSafetensors({}, {}, { dtype: 'F8' as 'F16' })).toThrow("writeSafetensors: dtype: expected");
  });

  test('refuses to write as float16 what would become infinite', () => {
    const asHalf = (value: number) => writeSafetensors({ w: hostFloats(Float32Array.of(1, value), [2]) }, {}, { dtype: 'F16' });
    expect(() => asHalf(-70000)).toThrow("writeSafetensors: tensor 'w': expected values within ±65504 for F16, got -70000; write it as F32.");
    for (const [value, read] of [[65519, 65504], [Infinity, Infinity]] as const) expect([...readSafetensors(asHalf(value), 'file').tensors['w']!.values]).toEqual([1, read]);
  });

  test.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), 'expected a safetensors file, got 0 bytes.'],
    ['a text', new TextEncoder().encode('hello, this is no tensor'), 'expected a safetensors file, got a truncated one, or none: a header of'],
    ['one cut in its header', bytes.subarray(0, 40), 'got a truncated one, or none: a header of'],
    ['one cut in its values', bytes.subarray(0, bytes.length - 1), 'expected 28 bytes of values, got 27; the file is truncated or has more at its end.'],
    ['one with more at its end', Uint8Array.of(...bytes, 0), 'expected 28 bytes of values, got 29;'],
    ['a header that is no JSON', file('{"a": '), 'expected a safetensors file, got one whose header is no JSON.'],
    ['a header that is a list', file([]), 'expected a safetensors file, got one whose header is no record.'],
    ['another type', file({ w: { ...f32([1], [0, 2]), dtype: 'BF16' } }, 2), `tensor 'w': expected dtype F32 or F16, got BF16.`],
    ['float16 in the bytes of float32', file({ w: { ...f32([1], [0, 4]), dtype: 'F16' } }, 4), "tensor 'w': expected 2 bytes for shape [1], got 4."],
    ['an entry that is none', file({ w: 7 }), "tensor 'w': expected dtype F32 or F16, got undefined."],
    ['a shape below 0', file({ w: f32([-1], [0, 4]) }, 4), "tensor 'w': expected a shape of whole numbers, got [-1]."],
    ['a shape larger than its values', file({ w: f32([2 ** 40, 2 ** 40], [0, 4]) }, 4), "tensor 'w': expected 4.8"],
    ['one offset', file({ w: f32([1], [0]) }, 4), "tensor 'w': expected two data_offsets, got [0]."],
    ['a gap', file({ v: f32([1], [0, 4]), w: f32([1], [8, 12]) }, 12), "tensor 'w': expected values from byte 4, after those before it, got 8."],
    ['an overlap', file({ v: f32([2], [0, 8]), w: f32([1], [4, 8]) }, 8), "tensor 'w': expected values from byte 8, after those before it, got 4."],
    ['sizes far beyond the file', file({ w: f32([2 ** 50], [0, 2 ** 52]) }), `expected ${2 ** 52} bytes of values, got 0;`],
    ['notes that are no text', file({ __metadata__: { n: 1 } }), 'expected __metadata__ to hold text, got {"n":1}.'],
  ])('refuses %s', (_what, broken, message) => {
    expect(() => readSafetensors(broken, 'model.safetensors')).toThrow(DataError);
    expect(() => readSafetensors(broken, 'model.safetensors')).toThrow(/^model\.safetensors: .*expected/);
    expect(() => readSafetensors(broken, 'model.safetensors')).toThrow(message);
  });

  test('refuses to write a tensor of the name that is kept for notes', () =>
    expect(() => writeSafetensors({ __metadata__: tensors.bias })).toThrow('writeSafetensors: expected names of tensors, got __metadata__, which the format keeps.'));

  test('damaged bytes are read or refused in a sentence', () =>
    fc.assert(fc.asyncProperty(damaged(bytes), (broken) => expectReadOrRefused(() => readSafetensors(broken, 'file'), ({ tensors: found }) => {
      for (const { values, shape } of Object.values(found)) expect(values.length).toBe(sizeOf(shape));
    }).then(() => undefined)), hostileRuns), hostileTimeout);
});
