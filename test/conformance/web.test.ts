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
