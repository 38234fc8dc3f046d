import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { isFull } from '../helpers/full';

const rounds = isFull ? 1000 : 100;

test(`no tensor leaks over ${rounds} outer steps and ${rounds} rounds of adapt, predict, dispose`, { timeout: 300_000 }, async () => {
  const learner = hyperLearner(mlp([1, 16, 1]), fullHypernetwork({ embeddingSize: 4, hidden: [8] }), { adapt: 'both' });
  const trainer = await metaTrainer(learner, sinusoids({ shots: 5 }), { innerSteps: 2, metaBatchSize: 4, innerLearningRate: 0.001 });
  for await (const event of trainer.train({ steps: 2 })) void event;
  const before = tf.memory();
  for await (const { step } of trainer.train({ steps: rounds })) if (step % 10 === 0) expect(Object.keys(trainer.meta)).not.toEqual([]);
  for await (const event of trainer.train({ steps: 1 })) void event; // disposes the meta-parameters that were looked at
  for (let round = 0; round < rounds; round++) {
    const adapted = await trainer.adapt({ x: [[-1], [0], [2]], y: [[0.3], [1.2], [-0.4]] });
    adapted.predict([[1]]);
    adapted.dispose();
  }
  expect(tf.memory().numTensors).toBe(before.numTensors);
  expect(tf.memory().numBytes).toBe(before.numBytes);
  trainer.dispose();
});

test('what a trainer and an adapted network own outlives a tidy around its first use', async () => {
  const trainer = await metaTrainer(maml(mlp([1, 4, 1])), sinusoids({ shots: 3 }));
  const adapted = await trainer.adapt({ x: [[0], [1]], y: [[0], [1]] });
  const before = tf.memory().numTensors;
  const use = () => {
    const seen: unknown[] = [];
    tf.tidy(() => void seen.push(adapted.predict([[1]]), ...Object.values(trainer.meta).map((value) => value.dataSync()[0])));
    return seen;
  };
  expect(use()).toEqual(use());
  adapted.dispose();
  trainer.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
