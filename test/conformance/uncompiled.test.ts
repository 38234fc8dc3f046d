import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { hostFloats } from '../../src/core/host-tensor';
import { compile } from '../../src/engine/compile';
import { expectNoLeak } from '../helpers/leaks';

describe('a function that runs uncompiled', () => {
  test('returns tensors, and no promise', async () => {
    for (const [made, message] of [[undefined, 'got one that returns nothing'], [Promise.resolve(1), 'got a promise']] as const)
      await expect(compile(() => made as unknown as tf.Tensor, { runtime: 'tfjs' }).run({})).rejects.toThrow(message);
    expect(await compile(() => ({ none: {} }), { runtime: 'tfjs' }).run({})).toEqual({ none: {} }); // as of a network without weights
  });

  const largest = ({ x, w }: { readonly x: tf.Tensor; readonly w: tf.Tensor }) => tf.add(tf.topk(tf.matMul(x, w), 1).values, 1); // topk is not traced
  const inputs = { x: hostFloats(Float32Array.of(1, 2), [1, 2]), w: hostFloats(Float32Array.of(3, 4), [2, 1]) };

  test('may be one that cannot be traced: its tensors are not known then', async () => {
    const compiled = compile(largest, { runtime: 'tfjs' });
    expect([compiled.shapes(inputs), compiled.bytes(inputs)]).toEqual([[], 0]);
    expect((await compiled.runOnHost(inputs)).values).toEqual(Float32Array.of(12));
    await compiled.dispose();
  });

  test('tells its tensors where it can be traced', async () => {
    const compiled = compile(({ x }: { readonly x: tf.Tensor }) => tf.sum(tf.sin(x)), { runtime: 'tfjs' });
    const given = { x: inputs.x };
    expect([compiled.shapes(given), compiled.bytes(given)]).toEqual([[[1, 2], [1, 2], []], 4 * (2 + 2 + 1)]);
    await compiled.dispose();
  });

  test('is refused under a runtime that is named, and is said to run uncompiled under none', async () => {
    const [named, unnamed] = [compile(largest, { runtime: 'onnxruntime-node' }), compile(largest, { name: 'the largest', whenRefused: 'uncompiled' })];
    for (const tell of ['shapes', 'bytes'] as const) expect(() => named[tell](inputs)).toThrow('expected kernels that can be compiled, got TopK');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect([unnamed.shapes(inputs), unnamed.bytes(inputs)]).toEqual([[], 0]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/got TopK.*the largest runs uncompiled/)]]);
    warn.mockRestore();
    await Promise.all([named.dispose(), unnamed.dispose()]);
  });

  test('leaves tensors from outside that it returns as they are, and leaks nothing', () =>
    expectNoLeak(async () => {
      const outside = tf.tensor([10, 20, 30]);
      const compiled = compile(({ x }: { readonly x: tf.Tensor }) => [outside, tf.add(x, outside), x, x], { runtime: 'tfjs' });
      for (let run = 0; run < 2; run++) {
        const x = tf.tensor([1, 2, 3]);
        const made = await compiled.run({ x });
        expect(made.map((tensor) => Array.from(tensor.dataSync()))).toEqual([[10, 20, 30], [11, 22, 33], [1, 2, 3], [1, 2, 3]]);
        tf.dispose([x, made]);
      }
      expect(Array.from(outside.dataSync())).toEqual([10, 20, 30]);
      outside.dispose();
      await compiled.dispose();
    }));
});
