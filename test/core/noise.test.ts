import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import type { Rng } from '../../src/core/rng';
import { compile } from '../../src/engine/compile';

/** Draws these numbers, one after another. */
function drawing(draws: readonly number[]): Rng {
  const left = [...draws];
  const next = () => left.shift()!;
  return { uniform: next, normal: next, integer: next, shuffle: (items) => [...items], fork: () => drawing(draws) };
}

const draws = [0, 0.3, 1 - 2 ** -20, 1 - 2 ** -24, 1 - 2 ** -24 + 2 ** -32, 1 - 2 ** -25, 1 - 2 ** -32];
const below = 1 - 2 ** -24;
const expected = [0, 0.3, 1 - 2 ** -20, below, below, below, below].map(Math.fround);

test('uniform noise stays below 1 where float32 would round it up, and is else what was drawn', () => {
  const noise = seededNoise(drawing(draws)).uniform([draws.length]);
  expect(Array.from(noise.dataSync())).toEqual(expected);
  noise.dispose();
});

test('so does that of a compiled function', async () => {
  const compiled = compile((_inputs: Readonly<Record<string, tf.Tensor>>, noise) => tf.neg(noise.uniform([draws.length])), { runtime: 'onnxruntime-node' });
  const { values } = await compiled.runOnHost({}, { rng: drawing(draws) });
  expect(Array.from(values, (value) => -value)).toEqual(expected);
  await compiled.dispose();
});
