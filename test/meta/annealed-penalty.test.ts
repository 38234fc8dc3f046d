import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { createRng } from '../../src/core/rng';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { learnedEmbedding } from '../../src/embeddings/learned-embedding';
import { mamlPlusPlus } from '../../src/learners/maml-plus-plus';
import { neuralProcess } from '../../src/learners/neural-process';
import type { InnerOptions } from '../../src/meta/inner-loop';
import { outerSteps } from '../../src/meta/outer-steps';
import { unrolled, type UnrolledOptions } from '../../src/meta/unrolled';
import { mlp } from '../../src/nn/mlp';
import { adam } from '../../src/optim/adam';
import { sgd } from '../../src/optim/sgd';
import { regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleOnHost } from '../../src/tasks/stack-episodes';
import { expectAlike } from '../helpers/close';

const batch = sampleOnHost(sinusoids({ shots: 4 }), 'steps', 0, 2);
const inner = (steps: number): InnerOptions => ({ steps, learningRate: 0.01, optimizer: sgd(), order: 'second', loss: regression.loss });

/** The loss of the first meta-parameters, at an outer step. */
async function lossAt(step: number, learner: Learner, options: UnrolledOptions, innerSteps = 0): Promise<number> {
  const outer = outerSteps(learner, { metaGradient: unrolled(options), optimizer: adam(), inner: inner(innerSteps) }, createRng('state'));
  const { loss } = await outer.take(batch, { step, learningRate: 0.001 }, createRng('noise'));
  await outer.dispose();
  return loss;
}

describe('an annealed penalty', () => {
  const learner = neuralProcess(mlp([1 + 2, 4, 1]), { encoder: gaussianEmbedding(learnedEmbedding({ size: 2 }), { klWeight: 10 }) });
  const annealed: UnrolledOptions = { penalty: { annealedOver: 4 } };

  test('counts for nothing at first, then for a share that rises in a straight line, then in full', async () => {
    const [none, half, whole, later] = await Promise.all([0, 2, 4, 9].map((step) => lossAt(step, learner, annealed)));
    const { penalty: _left, ...without } = learner;
    expectAlike([none!, whole!], [await lossAt(0, without, {}), await lossAt(0, learner, {})]);
    expect(whole! - none!).toBeGreaterThan(1);
    expectAlike([half!, later!], [(none! + whole!) / 2, whole!]);
  });

  test('goes together with losses that are annealed, and does no harm to a learner without a penalty', async () => {
    const plus = mamlPlusPlus(mlp([1, 4, 1]), { steps: 2 });
    for (const step of [1, 5])
      expectAlike([await lossAt(step, plus, { ...annealed, losses: { annealedOver: 3 } }, 2)], [await lossAt(step, plus, { losses: { annealedOver: 3 } }, 2)]);
  });

  test('refuses counts that are none', () =>
    expect(() => unrolled({ penalty: { annealedOver: 0.5 } })).toThrow('unrolled: penalty.annealedOver: expected a whole number of at least 1, got 0.5.'));
});
