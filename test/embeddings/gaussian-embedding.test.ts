import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TaskInputs } from '../../src/core/learner';
import { seededNoise, type Noise } from '../../src/core/noise';
import { initParams, mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { learnedEmbedding } from '../../src/embeddings/learned-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { neuralProcess } from '../../src/learners/neural-process';
import { mlp } from '../../src/nn/mlp';
import { regression } from '../../src/tasks/objectives';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';
import { difference, valueTasks } from './tasks';

/** The same values at each call. */
const steady: Noise = {
  normal: (shape) => seededNoise(createRng('steady')).normal(shape),
  uniform: (shape) => seededNoise(createRng('steady')).uniform(shape),
};
const tasks = (count: number): TaskInputs => ({ ...valueTasks(count, 4), noise: steady });
const encoder = () => setEncoder({ size: 3, inputShape: [2], targetShape: [1], hidden: [6, 5], activation: 'softplus' });

testEmbeddingStart('gaussianEmbedding of a set encoder', () => gaussianEmbedding(encoder()), tasks);
testEmbeddingStart('gaussianEmbedding of a learned one, of another size', () => gaussianEmbedding(learnedEmbedding({ size: 4 }), { size: 2 }), tasks);

/** Parameters with which every embedding has this mean and this standard deviation. */
function fixed(mean: number, deviation: number, size = 3) {
  const start = gaussianEmbedding(learnedEmbedding({ size }), { klWeight: 0.5 });
  const values: Readonly<Record<string, number>> = { 'mean/bias': mean, 'logVariance/bias': 2 * Math.log(deviation) };
  return { start, params: mapRecord(start.specs, ({ shape }, name) => tf.fill([1, ...shape], values[name] ?? 0)) };
}

test('a sample is the mean plus the deviation times the noise', () => {
  const { start, params } = fixed(5, 2);
  expect(difference(start.start(params, tasks(2)), tf.add(5, tf.mul(2, steady.normal([2, 3]))))).toBeLessThan(1e-5);
});

test('costs beta times the divergence from a standard normal, for each task', () => {
  const cost = (mean: number, deviation: number) => {
    const { start, params } = fixed(mean, deviation);
    return Array.from(start.penalty!(params, tasks(2)).dataSync());
  };
  expect(cost(0, 1)).toEqual([0, 0]);
  const expected = 0.5 * 3 * 0.5 * (9 + 4 - Math.log(4) - 1); // β · E · ½ (μ² + σ² − log σ² − 1)
  cost(3, 2).forEach((value) => expect(value).toBeCloseTo(expected, 4));
});

test('starts with the deviation that it is told', () => {
  const start = gaussianEmbedding(learnedEmbedding({ size: 400 }), { deviation: 0.2 });
  const params = initParams(start.specs, createRng('deviation'));
  const [one, other] = [tasks(1), { ...tasks(1), noise: seededNoise(createRng('other')) }].map((task) => start.start(params, task));
  const spread = Math.sqrt(tf.mean(tf.square(tf.sub(one!, other!))).dataSync()[0]! / 2);
  expect(spread).toBeGreaterThan(0.17);
  expect(spread).toBeLessThan(0.23);
});

test('adds the penalty of the start that it is made from', () => {
  const { start, params } = fixed(0, 1);
  const outer = gaussianEmbedding({ ...start, penalty: () => tf.tensor1d([7, 7]) }, { size: 3 });
  const outerParams = { ...mapRecord(outer.specs, ({ shape }) => tf.zeros([1, ...shape])), ...mapRecord(params, (value) => value) };
  expect(Array.from(outer.penalty!(outerParams, tasks(2)).dataSync())).toEqual([7, 7]);
});

test('its cost reaches the penalty of the learners that take it, and none is there without', () => {
  const family = fullHypernetwork({ embeddingSize: 3, hidden: [4] });
  const start = gaussianEmbedding(encoder());
  const body = { family: modulationHypernetwork({ embeddingSize: 3, hidden: [4] }), start };
  const learners = [
    hyperLearner(mlp([2, 4, 1]), family, { start }),
    neuralProcess(mlp([2 + 3, 4, 1]), { encoder: start }),
    hyperClassifier(mlp([2, 3, 3]), { head: family, body }),
  ];
  for (const { specs, penalty } of learners) {
    const meta = initParams(specs, createRng('meta'));
    const own = Object.fromEntries(Object.entries(meta).flatMap(([name, value]) => (name.startsWith('start/') ? [[name.slice(6), value]] : [])));
    const at = { task: tasks(2), start: {}, state: {}, step: 0 };
    expect(difference(penalty!(meta, [at]), start.penalty!(own, tasks(2)))).toBe(0);
  }
  expect(hyperLearner(mlp([2, 4, 1]), family).penalty).toBeUndefined();
  expect(neuralProcess(mlp([2 + 3, 4, 1]), { encoder: encoder() }).penalty).toBeUndefined();
});

describe('with a posterior', () => {
  /** Both distributions as they are told, for embeddings of 3 values. */
  function fixedPair(prior: readonly [mean: number, deviation: number], posterior: readonly [mean: number, deviation: number]) {
    const start = gaussianEmbedding(learnedEmbedding({ size: 3 }), { klWeight: 1, posterior: learnedEmbedding({ size: 3 }) });
    const values: Readonly<Record<string, number>> = {
      'mean/bias': prior[0],
      'logVariance/bias': 2 * Math.log(prior[1]),
      'posterior/mean/bias': posterior[0],
      'posterior/logVariance/bias': 2 * Math.log(posterior[1]),
    };
    return { start, params: mapRecord(start.specs, ({ shape }, name) => tf.fill([1, ...shape], values[name] ?? 0)) };
  }
  const asked = (count: number): TaskInputs => ({ ...tasks(count), query: valueTasks(count, 7).support });

  test('meta-training draws from it, adaptation from the prior', () => {
    const { start, params } = fixedPair([5, 2], [-1, 0.5]);
    const noise = steady.normal([2, 3]);
    expect(difference(start.start(params, asked(2)), tf.add(-1, tf.mul(0.5, noise)))).toBeLessThan(1e-5);
    expect(difference(start.start(params, tasks(2)), tf.add(5, tf.mul(2, noise)))).toBeLessThan(1e-5);
  });

  test('costs its divergence from the prior, by hand and by its samples', () => {
    const cost = (...pair: Parameters<typeof fixedPair>) => {
      const { start, params } = fixedPair(...pair);
      return Array.from(start.penalty!(params, asked(2)).dataSync());
    };
    expect(cost([1, 2], [1, 2])).toEqual([0, 0]);
    const expected = 3 * (Math.log(2 / 0.5) + (0.5 ** 2 + 3 ** 2) / (2 * 2 ** 2) - 0.5); // E · (log σp/σq + (σq² + (μq − μp)²) / 2σp² − ½)
    cost([4, 2], [1, 0.5]).forEach((value) => expect(value).toBeCloseTo(expected, 4));
  });

  test('it sees the query set as if it were the support set', () => {
    const start = gaussianEmbedding(learnedEmbedding({ size: 3 }), { posterior: encoder() });
    const params = initParams(start.specs, createRng('posterior'));
    const [one, other] = [asked(2), { ...asked(2), query: { ...asked(2).query!, y: tf.zeros([2, 7, 1]) } }];
    expect(difference(start.start(params, one), start.start(params, other))).toBeGreaterThan(1e-4);
  });

  test('is right to second order in every parameter', () => {
    const start = gaussianEmbedding(learnedEmbedding({ size: 2 }), { posterior: learnedEmbedding({ size: 1 }), size: 2, klWeight: 1 });
    const names = Object.keys(start.specs);
    const penalty = (...values: tf.Tensor[]) => start.penalty!(Object.fromEntries(names.map((name, index) => [name, values[index]!])), asked(2));
    return expectDerivatives(penalty, ...names.map((name) => [1, ...start.specs[name]!.shape]));
  });

  test('leaks nothing', () => {
    const { start, params } = fixedPair([0, 1], [1, 1]);
    const task = asked(2);
    return expectNoLeak(() => tf.dispose([start.start(params, task), start.penalty!(params, task)]));
  });

  test('meta-training takes the prior to where the posterior draws', { timeout: 60_000 }, async () => {
    const source: TaskSource = {
      inputShape: [1],
      targetShape: [1],
      objective: regression,
      sample(seed, index) {
        const rng = createRng(`${seed}/${index}`);
        const level = rng.normal() > 0 ? 2 : -2; // a support set says which; a query is that, give or take one
        const value = level + (rng.uniform() < 0.5 ? 1 : -1);
        return { support: { x: Float32Array.of(0), y: Float32Array.of(level), count: 1 }, query: { x: Float32Array.of(0), y: Float32Array.of(value), count: 1 } };
      },
    };
    const see = () => setEncoder({ size: 4, inputShape: [1], targetShape: [1], hidden: [8] });
    const start = gaussianEmbedding(see(), { size: 2, posterior: see(), klWeight: 0.02, deviation: 0.5 });
    const learner = neuralProcess(mlp([1 + 2, 16, 1]), { encoder: start });
    const trainer = await metaTrainer(learner, source, { innerSteps: 0, metaBatchSize: 32, outerLearningRate: 0.01, seed: 'prior' });
    for await (const event of trainer.train({ steps: 400 })) void event;
    for (const level of [2, -2]) {
      const adapted = await trainer.adapt({ x: [0], y: [level] }, { samples: 100 });
      const drawn = (adapted.predict([0], { samples: 'each' }) as number[][]).map(([value]) => value! - level);
      const near = (goal: number) => drawn.filter((value) => Math.abs(value - goal) < 0.5).length;
      expect(near(1)).toBeGreaterThan(5); // both kinds that were seen, not their mean
      expect(near(-1)).toBeGreaterThan(5);
      expect(near(1) + near(-1)).toBeGreaterThan(35);
      adapted.dispose();
    }
    trainer.dispose();
  });
});

test('refuses options out of range', () => {
  expect(() => gaussianEmbedding(encoder(), { size: 0 })).toThrow('gaussianEmbedding: size: expected a whole number of at least 1, got 0.');
  expect(() => gaussianEmbedding(encoder(), { klWeight: -1 })).toThrow('gaussianEmbedding: klWeight: expected a finite number of at least 0, got -1.');
  expect(() => gaussianEmbedding(encoder(), { deviation: 0 })).toThrow('gaussianEmbedding: deviation: expected a finite number above 0, got 0.');
});
