import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HostFloats } from '../../src/core/host-tensor';
import { hostFloats } from '../../src/core/host-tensor';
import type { Noise } from '../../src/core/noise';
import { createRng, type Rng } from '../../src/core/rng';
import { compile } from '../../src/engine/compile';

beforeAll(() => tf.setBackend('cpu'));

const ones = (length: number) => hostFloats(new Float32Array(length).fill(1), [length]);
const noisy = ({ x }: { x: tf.Tensor }, noise: Noise) => tf.add(x, noise.uniform(x.shape));
const read = (made: readonly HostFloats[]) => made.map(({ values }) => [...values]);
const drawn = (rng: Rng, lengths: readonly number[]) => lengths.map((length) => Array.from({ length }, () => Math.fround(1 + Math.fround(rng.uniform()))));

describe.each(['onnxruntime-node', 'tfjs'] as const)('runs on %s that share a stream', (runtime) => {
  const lengths = [3, 2, 3, 4];

  test('draw from it in the order of the calls, whichever is compiled first', async () => {
    const compiled = compile(noisy, { runtime });
    await compiled.runOnHost({ x: ones(2) }); // ready when the runs of other shapes are compiled
    const rng = createRng('shared');
    const together = await Promise.all(lengths.map((length) => compiled.runOnHost({ x: ones(length) }, { rng })));
    expect(read(together as readonly HostFloats[])).toEqual(drawn(createRng('shared'), lengths));
    await compiled.dispose();
  });
});

test('a run that fails lets the next one draw, but not before those that asked earlier', async () => {
  const compiled = compile(({ x }: { x: tf.Tensor }, noise) => {
    if (x.size === 3) throw new Error('three');
    return noisy({ x }, noise);
  }, { runtime: 'onnxruntime-node' });
  await compiled.runOnHost({ x: ones(2) }); // ready when the run of four is compiled
  const rng = createRng('shared');
  const [four, failed, two] = await Promise.allSettled([4, 3, 2].map((length) => compiled.runOnHost({ x: ones(length) }, { rng })));
  expect(failed!.status).toBe('rejected');
  const made = [four, two].map((each) => (each as PromiseFulfilledResult<HostFloats>).value);
  expect(read(made)).toEqual(drawn(createRng('shared'), [4, 2]));
  await compiled.dispose();
});
