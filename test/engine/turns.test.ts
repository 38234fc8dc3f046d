import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HostFloats } from '../../src/core/host-tensor';
import { hostFloats } from '../../src/core/host-tensor';
import type { Noise } from '../../src/core/noise';
import { createRng } from '../../src/core/rng';
import { compile } from '../../src/engine/compile';

beforeAll(() => tf.setBackend('cpu'));

const ones = (length: number) => hostFloats(new Float32Array(length).fill(1), [length]);
const noisy = ({ x }: { x: tf.Tensor }, noise: Noise) => tf.add(x, noise.uniform(x.shape));
const read = (made: readonly HostFloats[]) => made.map(({ values }) => [...values]);

describe.each(['onnxruntime-node', 'tfjs'] as const)('runs on %s that share a stream', (runtime) => {
  const lengths = [3, 2, 3, 4];

  test('draw from it in the order of the calls, whichever is compiled first', async () => {
    const compiled = compile(noisy, { runtime });
    await compiled.runOnHost({ x: ones(2) }); // ready when the runs of other shapes are compiled
    const rng = createRng('shared');
    const together = await Promise.all(lengths.map((length) => compiled.runOnHost({ x: ones(length) }, { rng })));
    const again = createRng('shared');
    const expected = lengths.map((length) => Array.from({ length }, () => Math.fround(1 + Math.fround(again.uniform()))));
    expect(read(together as readonly HostFloats[])).toEqual(expected);
    await compiled.dispose();
  });
});

test('a run that fails lets the next one draw', async () => {
  const compiled = compile(({ x }: { x: tf.Tensor }, noise) => {
    if (x.size === 3) throw new Error('three');
    return noisy({ x }, noise);
  }, { runtime: 'onnxruntime-node' });
  const rng = createRng('shared');
  const [failed, made] = await Promise.allSettled([3, 2].map((length) => compiled.runOnHost({ x: ones(length) }, { rng })));
  expect([failed!.status, made!.status]).toEqual(['rejected', 'fulfilled']);
  await compiled.dispose();
});
