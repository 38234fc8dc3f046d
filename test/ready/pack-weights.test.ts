import { describe, expect, test } from 'vitest';
import { hostFloats } from '../../src/core/host-tensor';
import { createRng } from '../../src/core/rng';
import { packHalfFloats, unpackHalfFloats } from '../../src/io/half-floats';
import { packWeights, unpackWeights } from '../../src/ready/pack-weights';
import { dense } from '../../src/nn/dense';
import { sequential } from '../../src/nn/sequential';

const roundTrip = (...values: number[]) => [...unpackHalfFloats(packHalfFloats(Float32Array.from(values)))];

describe('half floats', () => {
  test('every one comes back from its value', () => {
    const all = Uint8Array.from({ length: 2 * 65536 }, (_, byte) => ((byte >> 1) >> (8 * (byte & 1))) & 255);
    const values = unpackHalfFloats(all);
    const again = packHalfFloats(values);
    const differ = [...values.keys()].filter((half) => again[2 * half] !== all[2 * half] || again[2 * half + 1] !== all[2 * half + 1]);
    expect(differ.filter((half) => !Number.isNaN(values[half]))).toEqual([]);
  });

  test('are the values of the standard', () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00);
    const values = [1, -2, 0.333251953125, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, Infinity, -Infinity];
    expect([...unpackHalfFloats(new Uint8Array(halves.buffer))]).toEqual(values);
    expect(roundTrip(NaN)).toEqual([NaN]);
  });

  test('round to the nearest, a tie to the even one', () => {
    expect(roundTrip(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2049, 1 + 2 ** -11 + 2 ** -20)).toEqual([1, 1 + 2 ** -9, 2048, 1 + 2 ** -10]);
    expect(roundTrip(65519, 65520, -1e9, 2 ** -25, 3 * 2 ** -26, -0)).toEqual([65504, Infinity, -Infinity, 0, 2 ** -24, -0]);
    const rng = createRng('halves');
    const values = Array.from({ length: 1000 }, () => rng.normal());
    roundTrip(...values).forEach((value, i) => expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) * 2 ** -11 + 2 ** -25));
  });
});

test('weights come back from their text, and a text of another size is refused', () => {
  const { specs } = sequential([2], [dense(3)]);
  const meta = Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, hostFloats(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 4), [1, ...shape])]));
  expect(unpackWeights(specs, packWeights(specs, meta))).toEqual(meta);
  expect(() => unpackWeights(specs, btoa('1234'))).toThrow('unpackWeights: expected 9 values, as the learner has, got 2.');
});
