import { expect, test } from 'vitest';
import { copyToHost } from '../../src/core/host-tensor';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { maml } from '../../src/learners/maml';
import { adapter } from '../../src/meta/adapter';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleOnHost } from '../../src/tasks/stack-episodes';

const source = sinusoids({ shots: 3 });
const inner = { steps: 2, learningRate: 0.01, optimizer: sgd(), order: 'second', loss: source.objective.loss } as const;

function opened() {
  const learner = maml(mlp([1, 4, 1]));
  const params = initParams(learner.specs, createRng('adapter'));
  const meta = copyToHost(params);
  disposeParams(params);
  return { engine: adapter(learner, source.objective, inner), meta, task: sampleOnHost(source, 'adapter', 0, 2), rng: createRng('noise') };
}

test('a step after dispose() is refused: nobody would end its program', async () => {
  const { engine, meta, task, rng } = opened();
  const at = await engine.start(meta, task, rng);
  await engine.dispose();
  await expect(engine.advance(meta, task, at, { learningRate: 0.01 }, rng)).rejects.toThrow('adapter: MAML: expected an adapter that is in use, got one after dispose().');
});

test('more steps than are usual are taken one after another, and every loss on the way is kept', async () => {
  const { engine, meta, task, rng } = opened();
  const { losses } = await engine.adapt(meta, task, { steps: 12, learningRate: 0.01 }, rng);
  expect(losses).toHaveLength(13);
  const usual = await engine.adapt(meta, task, { steps: 2, learningRate: 0.01 }, rng);
  for (const [step, { values }] of usual.losses.entries()) for (const [index, value] of values.entries()) expect(losses[step]!.values[index]).toBeCloseTo(value, 5);
  for (const { values } of losses.slice(1)) expect(values[0]).toBeLessThan(losses[0]!.values[0]!);
  await engine.dispose();
});
