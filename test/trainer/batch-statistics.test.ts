import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import type { Network } from '../../src/core/network';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { anil } from '../../src/learners/anil';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { conv4Strided } from '../../src/nn/conv4';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { createRng } from '../../src/core/rng';
import { testLearner } from '../contracts/learner';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const rng = createRng('pictures');
const pictures = labelledSet({
  x: Array.from({ length: 48 }, (_, index) => Array.from({ length: 16 }, () => Math.floor(index / 6) + rng.normal())),
  y: Array.from({ length: 48 }, (_, index) => Math.floor(index / 6)),
});
const flat = fewShot(pictures, { ways: 3, shots: 2, queryShots: 2 });
const square = fewShot({ ...pictures, inputShape: [4, 4, 1] }, { ways: 3, shots: 2, queryShots: 2 });

const learners: Readonly<Record<string, (base: Network) => Learner>> = {
  maml: (base) => maml(base),
  anil: (base) => anil(base),
  protonet: (base) => protonet(base),
  hyperLearner: (base) => hyperLearner(base, fullHypernetwork({ embeddingSize: 3, hidden: [4] }), { adapt: 'weights' }),
  hyperClassifier: (base) =>
    hyperClassifier(base, { head: fullHypernetwork({ embeddingSize: base.specs[base.head!.kernel]!.shape[0]!, hidden: [4] }) }),
};

for (const statistics of ['support', 'batch', 'running'] as const) {
  const smooth = () => mlp([16, 5, 4, 3], { norm: 'batch', statistics, activation: 'softplus' });
  for (const name of isFull ? ['maml', 'protonet'] : ['maml'])
    testLearner(`${name} with batch norm by ${statistics}`, () => ({ learner: learners[name]!(smooth()), source: flat, learningRate: 0.02 }));

  describe(`batch norm by ${statistics}`, () => {
    test.each(Object.keys(learners).slice(0, isFull ? undefined : 3))('%s trains, adapts and predicts one sample on a convolutional network, leaking nothing', (name) =>
      expectNoLeak(async () => {
        const base = conv4Strided({ inputShape: [4, 4, 1], ways: 3, filters: 2, statistics });
        const trainer = await metaTrainer(learners[name]!(base), square, { metaBatchSize: 2 });
        for await (const { queryLoss } of trainer.train({ steps: 2 })) expect(queryLoss).toBeGreaterThan(0);
        const { support } = square.sample('one', 0);
        const adapted = await trainer.adapt({ x: support.x, y: [0, 0, 1, 1, 2, 2] }, { steps: 2 });
        const alone = adapted.predict(support.x.subarray(0, 16)) as number[];
        expect(alone.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 4);
        adapted.dispose();
        await trainer.evaluate({ episodes: 3, steps: [0, 1] });
        trainer.dispose();
      }));
  });
}

const mixed = sequential([16], [dense(5), batchNorm({ statistics: 'running' }), activation('relu'), dense(4), batchNorm(), activation('relu'), dense(3)]);

test.each([
  ['support', mlp([16, 4, 3], { norm: 'batch', statistics: 'support' })],
  ['running', mlp([16, 4, 3], { norm: 'batch', statistics: 'running' })],
  ['both, of two layers', mixed],
] as const)('by %s, the prediction of one query does not depend on the others', async (_statistics, base) => {
  const trainer = await metaTrainer(maml(base), flat, { metaBatchSize: 2, runtime: 'onnxruntime-node' }); // named: it is to compile
  for await (const event of trainer.train({ steps: 3 })) void event;
  const { support, query } = flat.sample('one', 0);
  const adapted = await trainer.adapt({ x: support.x, y: [0, 0, 1, 1, 2, 2] });
  const together = adapted.predict(tf.tensor(query.x, [6, 16]));
  const alone = adapted.predict(query.x.subarray(0, 16)) as number[];
  alone.forEach((value, index) => expect(together.dataSync()[index]).toBeCloseTo(value, 5));
  together.dispose();
  adapted.dispose();
  trainer.dispose();
});

test('running statistics follow the batches, and are not trained', async () => {
  const trainer = await metaTrainer(maml(mlp([16, 4, 3], { norm: 'batch', statistics: 'running' })), flat, { metaBatchSize: 2 });
  const mean = () => Array.from(trainer.meta['base/norm1/mean']!.dataSync());
  expect(mean()).toEqual([0, 0, 0, 0]);
  for await (const event of trainer.train({ steps: 1 })) void event;
  expect(mean().every((value) => value !== 0)).toBe(true);
  expect(trainer.meta['base/norm1/mean']!.shape).toEqual([1, 4]);
  trainer.dispose();
});
