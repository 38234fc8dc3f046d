import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { createRng } from '../../src/core/rng';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { learnedEmbedding } from '../../src/embeddings/learned-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { neuralProcess } from '../../src/learners/neural-process';
import { mlp } from '../../src/nn/mlp';
import { gaussian } from '../../src/tasks/gaussian';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { testLearner } from '../contracts/learner';

const smooth = { activation: 'softplus' } as const;
const values = sinusoids({ shots: 4, queryShots: 3, x: [-1, 1] });
const distributions = { ...values, objective: gaussian({ minDeviation: 0.1 }) };
const encoder = (size: number) => setEncoder({ size, inputShape: [1], targetShape: [1], hidden: [4], ...smooth });
const sampled = () => gaussianEmbedding(encoder(3), { klWeight: 0.1, deviation: 0.3 });

testLearner('neuralProcess', () => ({ learner: neuralProcess(mlp([1 + 3, 5, 4, 1], smooth), { encoder: encoder(3) }), source: values }));
testLearner('neuralProcess of a sampled embedding that predicts a distribution', () => ({
  learner: neuralProcess(mlp([1 + 3, 5, 4, 2], smooth), { encoder: sampled() }),
  source: distributions,
}));
testLearner('maml that predicts a distribution', () => ({
  learner: maml(mlp([1, 5, 4, 2], smooth), { head: 'columns' }),
  source: distributions,
  learningRate: 0.02,
}));
for (const adapt of ['embedding', 'nothing'] as const)
  testLearner(`hyperLearner from a sampled embedding, adapting ${adapt}`, () => ({
    learner: hyperLearner(mlp([1, 5, 1], smooth), fullHypernetwork({ embeddingSize: 3, hidden: [4], ...smooth }), { start: sampled(), adapt }),
    source: values,
  }));

describe('neuralProcess', () => {
  test('gives the base network the embedding beside each input', () => {
    const { base, start, weights } = neuralProcess(mlp([1 + 2, 1]), { encoder: learnedEmbedding({ size: 2 }) });
    const meta = {
      'base/dense1/kernel': tf.tensor3d([[[1], [10], [100]]]),
      'base/dense1/bias': tf.zeros([1, 1]),
      'start/embedding': tf.tensor2d([[2, 3]]),
    };
    const support = { x: tf.zeros([1, 1, 1]), y: tf.zeros([1, 1, 1]), weight: tf.ones([1, 1]) };
    const task = { support, noise: seededNoise(createRng('none')) };
    const state = start(meta, task);
    const output = base.apply(weights(meta, state), tf.tensor3d([[[5], [7]]]));
    expect(Array.from(output.dataSync())).toEqual([5 + 20 + 300, 7 + 20 + 300]);
    expect(base.inputShape).toEqual([1]);
  });

  test('learns sine waves from their support sets', async () => {
    const learner = neuralProcess(mlp([1 + 16, 64, 64, 1]), { encoder: setEncoder({ size: 16, inputShape: [1], targetShape: [1] }) });
    const trainer = await metaTrainer(learner, sinusoids(), { seed: 'one', outerLearningRate: 0.003 });
    const error = async () => (await trainer.evaluate({ episodes: 100, steps: [0] })).scores[0]!.mean;
    const before = await error();
    for await (const event of trainer.train({ steps: 400 })) void event;
    expect(await error()).toBeLessThan(0.5 * before);
    trainer.dispose();
  });
});
