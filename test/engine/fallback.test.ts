import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../src/core/errors';
import { compile } from '../../src/engine/compile';
import { simplify } from '../../src/graph/simplify';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { lower } from '../../src/onnx/lower';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';

vi.mock('../../src/graph/simplify', { spy: true });
vi.mock('../../src/onnx/lower', { spy: true });

/** Faults of ours that nobody foresaw, and what is said of them. */
const faults: readonly (readonly [what: string, arrange: () => Promise<void>, message: string])[] = [
  [
    'a rule that goes wrong',
    async () => void vi.mocked(simplify).mockImplementation(() => { throw new Error('Internal: a rule turned Neg into Multiply.'); }),
    'Internal: compile: expected a function that can be simplified, got "Internal: a rule turned Neg into Multiply."; report it with the function.',
  ],
  [
    'a model that onnxruntime does not open',
    async () => {
      const { lower: lowerWell } = await vi.importActual<typeof import('../../src/onnx/lower')>('../../src/onnx/lower');
      vi.mocked(lower).mockImplementation((...given) => ({ ...lowerWell(...given), bytes: Uint8Array.of(1, 2, 3) }));
    },
    'compile: expected a model that onnxruntime-node opens, got "',
  ],
];

describe.each(faults)('%s', (_what, arrange, message) => {
  beforeEach(arrange);
  afterEach(() => {
    vi.mocked(simplify).mockReset();
    vi.mocked(lower).mockReset();
    vi.restoreAllMocks();
  });

  const doubled = ({ x }: { readonly x: tf.Tensor }) => tf.mul(x, 2);

  test('is refused, as any function that cannot be compiled', async () => {
    const compiled = compile(doubled, { runtime: 'onnxruntime-node' });
    await expect(compiled.run({ x: tf.tensor([1, 2]) })).rejects.toThrow(message);
    await expect(compiled.run({ x: tf.tensor([1, 2]) })).rejects.toThrow(EngineError);
    await compiled.dispose();
  });

  test('leaves a function that may run uncompiled to TensorFlow.js, which is said', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const compiled = compile(doubled, { name: `the double: ${message}`, whenRefused: 'uncompiled' });
    for (let run = 0; run < 2; run++) expect([...(await compiled.run({ x: tf.tensor([1, 2]) })).dataSync()]).toEqual([2, 4]);
    expect(compiled.compilations).toBe(1);
    expect(compiled.bytes({ x: { values: Float32Array.of(1, 2), shape: [2], dtype: 'float32' } })).toBeGreaterThan(0);
    expect(warn.mock.calls).toEqual([[expect.stringContaining(message)]]);
    expect(warn.mock.calls[0]![0]).toMatch(/Until then the double.* runs uncompiled, and more slowly\.$/);
    await compiled.dispose();
  });

  /** Query losses of two steps. */
  async function train(options: Pick<MetaTrainerOptions, 'runtime'>): Promise<readonly number[]> {
    const trainer = await metaTrainer(maml(mlp([1, 8, 1])), sinusoids(), { seed: 'fallback', engine: 'cpu', metaBatchSize: 2, ...options });
    const losses: number[] = [];
    try {
      for await (const { queryLoss } of trainer.train({ steps: 2 })) losses.push(queryLoss);
    } finally {
      trainer.dispose();
    }
    return losses;
  }

  test('ends no training but that with a runtime that is named', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(await train({})).toEqual(await train({ runtime: 'tfjs' }));
    await expect(train({ runtime: 'onnxruntime-node' })).rejects.toThrow(message);
  });
});
