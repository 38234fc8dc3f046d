import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { initParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { mamlPlusPlus } from '../../src/learners/maml-plus-plus';
import { innerLoop } from '../../src/meta/inner-loop';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleBatch } from '../../src/tasks/stack-episodes';
import { clusters } from '../conformance/combinations';
import { testLearner } from '../contracts/learner';

const smooth = { activation: 'softplus' } as const;
const source = sinusoids({ shots: 4, queryShots: 3, x: [-1, 1] });

testLearner('mamlPlusPlus', () => ({ learner: mamlPlusPlus(mlp([1, 5, 4, 1], smooth), { steps: 2 }), source }));
testLearner('mamlPlusPlus with any ways, behind batch norm', () => ({
  learner: mamlPlusPlus(mlp([2, 5, 3], { ...smooth, norm: 'batch' }), { steps: 2 }),
  source: clusters([2], 3, false),
}));

test('there is a rate for each layer and step, starting at 1', () =>
  tf.tidy(() => {
    const { specs } = mamlPlusPlus(mlp([1, 4, 1]), { steps: 3 });
    const rates = Object.entries(initParams(specs, createRng('meta'))).filter(([name]) => name.startsWith('rate/'));
    expect(rates.map(([name, value]) => [name, Array.from(value.dataSync())])).toEqual([['rate/dense1', [1, 1, 1]], ['rate/dense2', [1, 1, 1]]]);
  }));

test('a layer moves at the rate of its step, and later steps at the last one', () =>
  tf.tidy(() => {
    const learner = mamlPlusPlus(mlp([1, 4, 1], smooth), { steps: 2 });
    const meta = { ...initParams(learner.specs, createRng('meta')), 'rate/dense1': tf.tensor([[0, 2]]), 'rate/dense2': tf.tensor([[1, 0]]) };
    const task = { ...sampleBatch(source, 'rates', 0, 1), noise: seededNoise(createRng('noise')) };
    const options = { steps: 3, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: regression.loss } as const;
    const states = innerLoop(learner, meta, task, options).map(({ state }) => state);
    const moved = (before: Params, after: Params, name: string) => tf.max(tf.abs(tf.sub(before[name]!, after[name]!))).dataSync()[0]! > 0;
    const moves = (name: string) => [0, 1, 2].map((step) => moved(states[step]!, states[step + 1]!, name));
    expect(moves('dense1/kernel')).toEqual([false, true, true]);
    expect(moves('dense2/bias')).toEqual([true, false, false]);
  }));

test('refuses no steps', () =>
  expect(() => mamlPlusPlus(mlp([1, 1]), { steps: 0 })).toThrow('mamlPlusPlus: steps: expected a whole number of at least 1, got 0.'));
