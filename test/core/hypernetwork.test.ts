import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { HypernetworkFamily } from '../../src/core/hypernetwork';
import type { Params } from '../../src/core/params';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { mlp } from '../../src/nn/mlp';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';

/** A family of one's own whose weights are not quite those that were asked for. */
function spoiled(spoil: (made: Params) => Params): HypernetworkFamily {
  const family = fullHypernetwork({ embeddingSize: 2 });
  return {
    ...family,
    build(target) {
      const built = family.build(target);
      return { ...built, generate: (params, embedding) => spoil(built.generate(params, embedding)) };
    },
  };
}

test.each<[string, (made: Params) => Params, string]>([
  ['of another shape', (made) => ({ ...made, 'dense1/bias': tf.sum(made['dense1/bias']!, 1, true) }), 'hyperLearner: family: dense1/bias: expected shape [*, 4], got ['],
  ['too many', (made) => ({ ...made, more: made['dense1/bias']! }), 'hyperLearner: family: expected generate() to give dense1/kernel, dense1/bias, dense2/kernel, dense2/bias, got'],
  ['too few', ({ 'dense1/bias': _, ...made }) => made, 'got dense1/kernel, dense2/kernel, dense2/bias.'],
])('generated weights that are %s are refused', async (_what, spoil, message) => {
  const trainer = await metaTrainer(hyperLearner(mlp([1, 4, 1]), spoiled(spoil)), sinusoids({ shots: 2 }), { metaBatchSize: 2 });
  await expect(trainer.train({ steps: 1 }).next()).rejects.toThrow(message);
  trainer.dispose();
});
