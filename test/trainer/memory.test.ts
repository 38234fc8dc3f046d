import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DivergenceError, EngineError } from '../../src/core/errors';
import type { TaskSource } from '../../src/core/task';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { TrainOptions } from '../../src/trainer/train';
import { expectNoLeak } from '../helpers/leaks';

const waves = sinusoids({ shots: 5 });
const make = (metaBatchSize = 8, innerSteps = 2) => metaTrainer(maml(mlp([1, 16, 1])), waves, { metaBatchSize, innerSteps });

async function train(trainer: MetaTrainer, options: TrainOptions): Promise<number> {
  for await (const _ of trainer.train(options));
  return trainer.step;
}

describe('estimate', () => {
  test('grows with tasks and steps, and says what each saving would take', async () => {
    const [one, tasks, steps] = [await make(), await make(32), await make(8, 6)];
    const estimate = one.estimate();
    expect(estimate.bytes).toBe(estimate.parameters + estimate.episodes + estimate.activations + estimate.program);
    expect(estimate.parameters).toBe(4 * 5 * (16 + 16 + 16 + 1)); // values, two moments, gradients and their mean
    expect(estimate.episodes).toBe(4 * 8 * (5 + 5 + 5 + 5));
    expect(tasks.estimate().activations / estimate.activations).toBeGreaterThan(3);
    expect(steps.estimate().activations).toBeGreaterThan(estimate.activations);
    expect(estimate.savings.map(({ change }) => change)).toEqual(expect.arrayContaining(['metaBatchSize: 4', 'innerSteps: 1', '2 queries an episode']));
    for (const { bytes } of estimate.savings) expect(bytes).toBeLessThan(estimate.bytes);
    expect(estimate.free).toBeGreaterThan(0);
    await expectNoLeak(async () => void one.estimate());
    for (const each of [one, tasks, steps]) each.dispose();
  });

  test('of a run that begins with the first order is that of the second, which it comes to', async () => {
    const [first, second, both] = await Promise.all((['first', 'second', { firstFor: 2 }] as const).map((order) => metaTrainer(maml(mlp([1, 64, 64, 1])), waves, { metaBatchSize: 8, innerSteps: 2, order, runtime: 'onnxruntime-node' })));
    expect(both!.estimate().activations).toBe(second!.estimate().activations);
    expect(both!.estimate().savings.map(({ change }) => change)).toContain("order: 'first'");
    vi.spyOn(process as unknown as { availableMemory(): number }, 'availableMemory').mockReturnValue((first!.estimate().bytes + both!.estimate().bytes) / 2);
    expect(await train(first!, { steps: 1 })).toBe(1);
    await expect(train(both!, { steps: 1 })).rejects.toThrow('train: expected a step that fits in');
    for (const each of [first!, second!, both!]) each.dispose();
  });

  afterEach(() => vi.restoreAllMocks());

  test('training that would take more than is free is refused before it starts, unless it is not to be checked', async () => {
    const trainer = await make();
    vi.spyOn(process as unknown as { availableMemory(): number }, 'availableMemory').mockReturnValue(10_000);
    const refused = train(trainer, { steps: 1 });
    await expect(refused).rejects.toThrow(EngineError);
    await expect(refused).rejects.toThrow(/^train: expected a step that fits in the 10 kB of memory that are free, got one of about 10 MB; order: 'first' takes 10 MB, metaBatchSize: 4 takes 10 MB, innerSteps: 1 takes 10 MB, 2 queries an episode takes 10 MB; or train anyway with \{ memory: 'unchecked' \}\.$/);
    expect(trainer.step).toBe(0);
    expect(await train(trainer, { steps: 1, memory: 'unchecked' })).toBe(1);
    expect(await train(trainer, { steps: 1 })).toBe(2); // its memory is taken
    trainer.dispose();
  });
});

test('a step that diverges is named with its episodes and what to try; the state before it is kept and saved', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'hypermeta-diverged-'));
  const broken: TaskSource = {
    ...waves,
    sample: (seed, index) => {
      const episode = waves.sample(seed, index);
      return index < 6 ? episode : { ...episode, query: { ...episode.query, y: episode.query.y.map(() => Infinity) } };
    },
  };
  const trainer = await metaTrainer(maml(mlp([1, 4, 1])), broken, { metaBatchSize: 2, seed: 'one' });
  const diverged = train(trainer, { steps: 9, save: { dir } });
  await expect(diverged).rejects.toThrow(DivergenceError);
  await expect(diverged).rejects.toThrow(
    "train: step 4: expected a finite query loss, got Infinity; lower innerLearningRate or outerLearningRate, set innerClip, or look at the episodes 6 to 7: source.sample('one/train', 6).",
  );
  expect([trainer.step, readdirSync(dir)]).toEqual([3, ['step-00000003']]);
  const kept = await trainer.meta['base/dense1/kernel']!.data();
  await trainer.load(dir);
  expect(await trainer.meta['base/dense1/kernel']!.data()).toEqual(kept);
  trainer.dispose();
  rmSync(dir, { recursive: true });
});
