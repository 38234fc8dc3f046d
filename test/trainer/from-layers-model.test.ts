import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import type { RuntimeName } from '../../src/engine/compile';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { fromLayersModel } from '../../src/convert/from-layers-model';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { expectAlike } from '../helpers/close';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const { layers } = tf;
const ways = 3;

let reader: tf.LayersModel;
let seer: tf.LayersModel;
beforeAll(() => {
  reader = seeded([
    layers.embedding({ inputDim: 6, outputDim: 3, inputLength: 3, name: 'words' }),
    layers.lstm({ units: 4, name: 'reading' }),
    layers.dense({ units: ways, name: 'classes' }),
  ]);
  seer = seeded([
    layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'elu', inputShape: [5, 5, 1], name: 'conv' }),
    layers.batchNormalization({ name: 'norm' }),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: ways, name: 'classes' }),
  ]);
});
afterAll(() => [reader, seer].forEach((model) => model.dispose()));

/** A model with weights that repeat, variances among them. */
function seeded(parts: tf.layers.Layer[]): tf.LayersModel {
  const model = tf.sequential({ layers: parts });
  const rng = createRng('weights');
  tf.tidy(() => model.setWeights(model.getWeights().map(({ shape, size }) => tf.tensor(Float32Array.from({ length: size }, () => 0.3 + 0.3 * rng.uniform()), shape))));
  return model;
}

/** Examples of six classes, whose values differ a little by class. */
function tasks(shape: readonly number[], draw: (rng: ReturnType<typeof createRng>, label: number) => number): TaskSource {
  const rng = createRng('examples');
  const size = shape.reduce((product, axis) => product * axis, 1);
  const y = Array.from({ length: 36 }, (_, index) => Math.floor(index / 6));
  const set = labelledSet({ x: y.map((label) => Array.from({ length: size }, () => draw(rng, label))), y });
  return fewShot({ ...set, inputShape: shape }, { ways, shots: 2, queryShots: 2 });
}
const sentences = tasks([3], (rng, label) => (rng.uniform() < 0.5 ? label : rng.integer(6)));
const pictures = tasks([5, 5, 1], (rng, label) => rng.normal() + label);

const family = { embeddingSize: 3, hidden: [4] };
const learners: Readonly<Record<string, () => readonly [Learner, TaskSource]>> = {
  'maml on an lstm': () => [maml(fromLayersModel(reader)), sentences],
  'maml on a convolutional network': () => [maml(fromLayersModel(seer)), pictures],
  'maml on fixed statistics': () => [maml(fromLayersModel(seer, { statistics: 'fixed' }), { head: 'columns' }), pictures],
  'hypernetwork of an lstm': () => [hyperLearner(fromLayersModel(reader), fullHypernetwork(family)), sentences],
  'adapters around a pretrained lstm': () => {
    const base = fromLayersModel(reader);
    return [hyperLearner(base, residualHypernetwork(lowRankHypernetwork({ ...family, rank: 1 }), { weights: base.weights, base: 'frozen' })), sentences];
  },
  'hypernetwork around a pretrained convolutional network': () => [hyperLearner(fromLayersModel(seer), residualHypernetwork(fullHypernetwork(family))), pictures],
};

const shown = Object.entries(learners).filter(([name]) => isFull || ['maml on an lstm', 'hypernetwork around a pretrained convolutional network'].includes(name));
describe.each(shown)('%s', (_name, make) => {
  test('meta-trains alike compiled and not, and leaks nothing', async () => {
    const run = async (runtime: RuntimeName) => {
      const losses: number[] = [];
      const [learner, source] = make();
      await expectNoLeak(async () => {
        const trainer = await metaTrainer(learner, source, { runtime, metaBatchSize: 2, innerLearningRate: 0.1, seed: 'meta' });
        for await (const { queryLoss, gradientNorm } of trainer.train({ steps: 2 })) losses.push(queryLoss, gradientNorm);
        const { scores } = await trainer.evaluate({ episodes: 4, steps: [0, 1] });
        losses.push(...scores.map(({ mean }) => mean));
        trainer.dispose();
      });
      return losses;
    };
    const compiled = await run('onnxruntime-node');
    expectAlike(compiled, await run('tfjs'));
    expect(compiled[1]).toBeGreaterThan(0);
  });
});

test('maml starts at the model’s weights, and its statistics', async () => {
  const trainer = await metaTrainer(maml(fromLayersModel(seer), { head: 'columns' }), pictures);
  for (const [index, name] of ['conv/kernel', 'conv/bias', 'norm/scale', 'norm/shift', 'classes/kernel', 'classes/bias', 'norm/mean', 'norm/variance'].entries())
    expect(trainer.meta[`base/${name}`]!.dataSync(), name).toEqual(seer.getWeights()[index]!.dataSync());
  trainer.dispose();
});
