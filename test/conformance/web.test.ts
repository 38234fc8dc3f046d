import { expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import type { RuntimeName } from '../../src/engine/compile';
import { maml } from '../../src/learners/maml';
import { outerSteps } from '../../src/meta/outer-steps';
import { unrolled } from '../../src/meta/unrolled';
import { conv4Strided } from '../../src/nn/conv4';
import { mlp } from '../../src/nn/mlp';
import { adam } from '../../src/optim/adam';
import { sgd } from '../../src/optim/sgd';
import { sampleOnHost } from '../../src/tasks/stack-episodes';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { difference } from '../helpers/compiled';
import { clusters } from './combinations';

/** Meta-parameters after five updates. */
async function train(learner: Learner, source: TaskSource, runtime: RuntimeName) {
  const inner = { steps: 1, learningRate: 0.01, optimizer: sgd(), order: 'second', loss: source.objective.loss } as const;
  const steps = outerSteps(learner, { metaGradient: unrolled(), optimizer: adam(), inner, runtime }, createRng('meta'));
  for (let step = 0; step < 5; step++) await steps.take(sampleOnHost(source, 'train', 4 * step, 4), { step, learningRate: 1e-3 }, createRng('noise'));
  await steps.dispose();
  return Object.entries(steps.meta);
}

test.each([
  ['a MAML step on sine waves', () => maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 })],
  ['a convolutional step', () => maml(conv4Strided({ inputShape: [16, 16, 1], ways: 3, filters: 4 }), { head: 'columns' }), clusters([16, 16, 1])],
] as const)('%s: onnxruntime-web gives what onnxruntime-node gives', async (_name, learner, source) => {
  const [web, node] = [await train(learner(), source, 'onnxruntime-web'), await train(learner(), source, 'onnxruntime-node')];
  for (const [index, [name, { values }]] of node.entries()) expect(difference(web[index]![1].values, values), name).toBeLessThan(1e-5);
});

test('adaptations asked for at once give what they give one after another on onnxruntime-web', async () => {
  const trainer = await metaTrainer(maml(mlp([1, 20, 20, 1])), sinusoids(), { innerSteps: 3, seed: 'at once', runtime: 'onnxruntime-web' });
  const adaptTo = async (count: number, steps: number) => {
    const x = Array.from({ length: count }, (_, i) => [i - 2]);
    const adapted = await trainer.adapt({ x, y: x.map(([at]) => [Math.sin(at!)]) }, { steps });
    const predicted = adapted.predict([[0.3]]);
    adapted.dispose();
    return predicted;
  };
  const jobs = [[1, 1], [4, 6], [7, 11], [1, 16], [4, 1], [7, 6]] as const; // examples and steps: programs of their own
  const alone = [];
  for (const [count, steps] of jobs) alone.push(await adaptTo(count, steps));
  for (let round = 0; round < 3; round++) expect(await Promise.all(jobs.map(([count, steps]) => adaptTo(count, steps)))).toEqual(alone);
  trainer.dispose();
});
