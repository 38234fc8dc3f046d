import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRng } from '../../src/core/rng';
import { adam } from '../../src/optim/adam';
import { simdBytes } from '../../src/core/simd-bytes';
import { assemble } from '../tools/build-wasm';

const normals = (size: number, seed: string) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: size }, () => rng.normal());
};

/** Three of Adam's updates in place, as a module that is loaded anew does them. */
async function inPlace(size: number): Promise<readonly Float32Array[]> {
  const fresh = (await import('../../src/optim/adam')).adam({ epsilon: 1e-3 });
  const [value, mean, square] = [normals(size, 'value'), new Float32Array(size), new Float32Array(size)];
  const moments = { mean, square, power1: Float32Array.of(1), power2: Float32Array.of(1) };
  for (let step = 0; step < 3; step++) fresh.updateInPlace!(value, normals(size, `gradient ${step}`), moments, 0.01);
  return [value, mean, square];
}

function onTensors(size: number): readonly Float32Array[] {
  const optimizer = adam({ epsilon: 1e-3 });
  return tf.tidy(() => {
    let value: tf.Tensor = tf.tensor(normals(size, 'value'));
    let moments = optimizer.start(value);
    for (let step = 0; step < 3; step++) ({ value, moments } = optimizer.update(value, tf.tensor(normals(size, `gradient ${step}`)), moments, 0.01));
    return [value, moments['mean']!, moments['square']!].map((tensor) => tensor.dataSync<'float32'>().slice());
  });
}

const largest = (found: Float32Array, expected: Float32Array) =>
  found.reduce((worst, value, index) => Math.max(worst, Math.abs(value - expected[index]!)), 0);

beforeEach(() => void vi.resetModules()); // a module remembers whether there are vector instructions
afterEach(() => void vi.unstubAllGlobals());

describe.each([['WebAssembly', true], ['plain loops', false]] as const)('by %s', (_name, hasWebAssembly) => {
  // Fewer than a vector, not a multiple of one, more than a chunk.
  test.each([1, 3, 17, 8192, 20_003])('Adam moves %i values in place as it does tensors', async (size) => {
    if (!hasWebAssembly) vi.stubGlobal('WebAssembly', undefined);
    const expected = onTensors(size);
    (await inPlace(size)).forEach((found, index) => expect(largest(found, expected[index]!)).toBeLessThan(1e-6));
  });

  test.each([0, 5, 1024, 8193, 20_003])('squares of %i values are summed', async (size) => {
    if (!hasWebAssembly) vi.stubGlobal('WebAssembly', undefined);
    const { sumOfSquares } = await import('../../src/core/simd');
    const values = normals(size, 'squares');
    const expected = values.reduce((sum, value) => sum + value * value, 0);
    expect(Math.abs(sumOfSquares(values) - expected)).toBeLessThan(1e-9 * (1 + expected));
  });
});

test.each([[3, 5], [4, 8], [2, 16], [3, 10_000]])('an outer product of %i by %i', async (rows, columns) => {
  const { outerProduct, vectorArrays } = await import('../../src/core/simd');
  const [column, row] = [normals(rows, 'column'), normals(columns, 'row')];
  const expected = Float32Array.from({ length: rows * columns }, (_, at) => column[Math.floor(at / columns)]! * row[at % columns]!);
  const allocate = vectorArrays(1 << 19);
  const [inside, alongside] = [allocate(rows * columns), allocate(columns)];
  alongside.set(row);
  outerProduct(inside, column, alongside);
  expect(inside).toEqual(expected);
  const ordinary = new Float32Array(rows * columns);
  outerProduct(ordinary, column, row);
  expect(ordinary).toEqual(expected);
});

describe('parts of one array', () => {
  const parts = [[0, 18], [3, 21], [16, 16], [5, 33]] as const; // starts and lengths

  test.each(parts)('squares from %i on, %i of them, are summed without what follows', async (start, length) => {
    const { sumOfSquares, vectorArrays } = await import('../../src/core/simd');
    expect(sumOfSquares(vectorArrays(1 << 19)(100).fill(1).subarray(start, start + length))).toBe(length);
  });

  test.each(parts)('Adam from %i on, of %i values, leaves what lies around them alone', async (start, length) => {
    const { adamInPlace, vectorArrays } = await import('../../src/core/simd');
    const allocate = vectorArrays(1 << 19);
    const wholes = [1, 1, 0, 0].map((value) => allocate(100).fill(value));
    const [value, gradient, mean, square] = wholes.map((whole) => whole.subarray(start, start + length));
    adamInPlace(value!, gradient!, mean!, square!, { rate: 0.5, correction: 4, floor: 0, beta1: 0.5, beta2: 0.75 });
    const around = (outside: number, inside: number) => new Float32Array(100).fill(outside).fill(inside, start, start + length);
    expect(wholes).toEqual([around(1, 0.75), around(1, 1), around(0, 0.5), around(0, 0.25)]); // 1 - 0.5 * 0.5 / √(0.25 * 4)
  });

  test.each(parts)('an outer product from %i on, with rows of %i values, leaves what lies around it alone', async (start, length) => {
    const { outerProduct, vectorArrays } = await import('../../src/core/simd');
    const allocate = vectorArrays(1 << 19);
    const [into, row] = [allocate(100), allocate(100).fill(3)];
    outerProduct(into.subarray(start, start + 2 * length), Float32Array.of(1, 2), row.subarray(start, start + length));
    expect(into).toEqual(new Float32Array(100).fill(3, start, start + length).fill(6, start + length, start + 2 * length));
  });
});

test('arrays of one memory start on lines of the cache and hold zeros; what finds no room is an ordinary one', async () => {
  const { vectorArrays } = await import('../../src/core/simd');
  const allocate = vectorArrays(1 << 18);
  const [first, second] = [allocate(5), allocate(100)];
  expect(first.buffer).toBe(second.buffer);
  expect(second.byteOffset % 64).toBe(0);
  expect(second.every((value) => value === 0)).toBe(true);
  expect(allocate(1 << 18).buffer).not.toBe(first.buffer);
});

test('a NaN is found by the sum of squares, wherever it is', async () => {
  const { sumOfSquares } = await import('../../src/core/simd');
  for (const at of [0, 4095, 8191]) expect(sumOfSquares(new Float32Array(9000).fill(1).fill(NaN, at, at + 1))).toBeNaN();
});

test('the module is that of simd.wat', async () => expect(await assemble()).toBe(simdBytes));
