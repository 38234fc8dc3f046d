import { afterEach, describe, expect, test, vi } from 'vitest';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import * as onnxruntime from '../../src/onnx/onnxruntime';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';
import { runProgram } from '../helpers/program';

const { Worker } = process.getBuiltinModule('node:worker_threads');

afterEach(() => {
  vi.restoreAllMocks();
});

const waves = sinusoids({ shots: 5 });
const base = mlp([1, 6, 1]);
const points = { x: [[-1], [0], [2], [3]], y: [[0.3], [1.2], [-0.4], [-1]] };
const learners = {
  'MAML': maml(base),
  'noise, three samples': hyperLearner(base, fullHypernetwork({ embeddingSize: 3 }), { start: gaussianEmbedding(setEncoder({ size: 3, inputShape: [1], targetShape: [1] })) }),
};

/** What a trainer says of a task after a little training. */
async function numbersOf(trainer: MetaTrainer, samples: number) {
  for await (const event of trainer.train({ steps: 2 })) void event;
  const found: unknown[] = [];
  for (const steps of [0, 2, 15]) {
    const adapted = await trainer.adapt(points, { steps, samples });
    const loaded = await trainer.loadTask(await adapted.saveTask());
    found.push(adapted.supportLosses, adapted.predict([[1], [2]]), loaded.predict([[1], [2]]));
    for (const each of [adapted, loaded]) each.dispose();
  }
  return [...found, (await trainer.evaluate({ episodes: 10 })).scores];
}

describe('adaptation in a worker thread', () => {
  test.each(Object.entries(learners))('gives the same numbers, to the bit: %s', async (name, learner) => {
    const on = async (options: MetaTrainerOptions) => {
      const trainer = await metaTrainer(learner, waves, { innerSteps: 2, metaBatchSize: 2, seed: 'one', ...options });
      const numbers = await numbersOf(trainer, name === 'MAML' ? 1 : 3);
      trainer.dispose();
      return numbers;
    };
    const sent = vi.spyOn(Worker.prototype, 'postMessage');
    const here = await on({});
    expect(sent).not.toHaveBeenCalled();
    expect(await on({ adaptIn: 'worker' })).toEqual(here);
    expect(sent).toHaveBeenCalled();
    expect(new Set(sent.mock.contexts).size).toBe(1); // one thread for all graphs
  });

  test('ends its thread when the trainer is disposed, after what is asked', async () => {
    const end = vi.spyOn(Worker.prototype, 'terminate');
    const trainer = await metaTrainer(learners['MAML'], waves, { adaptIn: 'worker' });
    (await trainer.adapt(points)).dispose();
    const last = trainer.adapt(points);
    trainer.dispose();
    await Promise.allSettled([last]);
    await vi.waitFor(() => expect(end).toHaveBeenCalledTimes(1));
    await expect(trainer.adapt(points)).rejects.toThrow('got one after dispose()');
  });

  test('starts no thread before it is asked to adapt', async () => {
    const sent = vi.spyOn(Worker.prototype, 'postMessage');
    (await metaTrainer(learners['MAML'], waves, { adaptIn: 'worker' })).dispose();
    expect(sent).not.toHaveBeenCalled();
  });

  test('is refused without onnxruntime-node, and beside another runtime', async () => {
    await expect(metaTrainer(learners['MAML'], waves, { adaptIn: 'worker', runtime: 'tfjs' })).rejects.toThrow(
      "metaTrainer: adaptIn: expected 'here' with runtime: 'tfjs', got 'worker'; use runtime: 'onnxruntime-node'.",
    );
    await expect(metaTrainer(learners['MAML'], waves, { adaptIn: 'thread' as 'worker' })).rejects.toThrow("metaTrainer: adaptIn: expected one of 'here', 'worker', got 'thread'.");
    vi.spyOn(onnxruntime, 'loadRuntime').mockRejectedValue(new Error('none'));
    await expect(metaTrainer(learners['MAML'], waves, { adaptIn: 'worker' })).rejects.toMatchObject({
      name: 'EngineError',
      message: expect.stringContaining("adaptIn: 'worker': expected onnxruntime-node") as string,
    });
  });
});

const adapting = `
  import { maml, metaTrainer, mlp, sinusoids } from 'hypermeta';
  const trainer = await metaTrainer(maml(mlp([1, 400, 400, 1])), sinusoids({ shots: 5 }), { adaptIn: 'worker' });
  const adapt = () => trainer.adapt({ x: [[-1], [0], [2]], y: [[0.3], [1.2], [-0.4]] }, { steps: 40, learningRate: 1e-5 });
  await adapt();
`;

describe('a program that adapts in a worker thread', () => {
  test('ends when nothing waits, and not before', async () => {
    const { stdout, stderr, failure } = await runProgram(`${adapting} void Promise.all([adapt(), adapt()]).then((all) => console.log(all.length));`);
    expect({ stdout, stderr, failure }).toEqual({ stdout: '2\n', stderr: '', failure: undefined });
  });

  test('may exit during an adaptation', async () => {
    const { stderr, failure } = await runProgram(`${adapting} void adapt(); setImmediate(() => process.exit());`);
    expect({ stderr, failure }).toEqual({ stderr: '', failure: undefined });
  });
});
