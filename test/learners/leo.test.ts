import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { At, Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { Examples } from '../../src/core/task';
import { examplePairs } from '../../src/embeddings/example-pairs';
import { evaluateLearner } from '../../src/evaluation/evaluate';
import { leo, type LeoOptions } from '../../src/learners/leo';
import { innerLoop, type InnerOptions } from '../../src/meta/inner-loop';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { valueAndGradients } from '../../src/ops/gradients';
import { sgd } from '../../src/optim/sgd';
import { classification } from '../../src/tasks/objectives';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { clusters } from '../conformance/combinations';
import { testLearner } from '../contracts/learner';
import { scoresAround } from '../helpers/learning';

const source = clusters([2], 3, false);
const classifier = () => mlp([2, 5, 4, 3], { activation: 'softplus' });
const small: LeoOptions = { latentSize: 3, latentSteps: 1, activation: 'softplus' };

// The encoder's penalty has no gradient where differences see one: its own test is below.
for (const sample of ['everything', 'latents', 'nothing'] as const)
  testLearner(`leo, sampling ${sample}`, () => ({ learner: leo(classifier(), { ...small, sample, encoderWeight: 0 }), source }));
testLearner('leo without steps on codes', () => ({ learner: leo(classifier(), { ...small, latentSteps: 0, encoderWeight: 0, columnRate: 1 }), source }));

const noise = (seed = 'noise') => seededNoise(createRng(seed));
const numbers = (value: tf.Tensor | undefined) => Array.from(value!.dataSync());
const metaOf = (learner: Learner) => initParams(learner.specs, createRng('meta'));
const support = (): Examples => ({
  x: tf.tensor([1, 0, 3, 2, 4, 4, 4, 2], [1, 4, 2]),
  y: tf.tensor([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0], [1, 4, 3]),
  weight: tf.ones([1, 4]),
});
const inner: InnerOptions = { steps: 4, learningRate: 0.1, optimizer: sgd(), order: 'first', loss: classification.loss };

const startOf = (options: LeoOptions, seed?: string) => {
  const learner = leo(classifier(), { ...small, ...options });
  return learner.start(metaOf(learner), { support: support(), noise: noise(seed) });
};

describe('leo', () => {
  test('changes latent codes first, then columns', () => {
    const learner = leo(classifier(), { ...small, latentSteps: 2 });
    const path = innerLoop(learner, metaOf(learner), { support: support(), noise: noise() }, inner);
    const moved = path.slice(1).map(({ state }, step) => Object.keys(state).filter((name) => state[name] !== path[step]!.state[name]));
    expect(moved).toEqual([['latent'], ['latent'], ['delta'], ['delta']]);
    expect(learner.distinctSteps).toBe(3);
  });

  test('draws codes and columns from the noise it is given, or takes the means', () => {
    for (const { sample, differs } of [
      { sample: 'everything', differs: ['latent', 'noise'] },
      { sample: 'latents', differs: ['latent'] },
      { sample: 'nothing', differs: [] },
    ] as const) {
      const [first, second] = [startOf({ sample }), startOf({ sample }, 'other noise')];
      expect(Object.keys(first).filter((name) => `${numbers(first[name])}` !== `${numbers(second[name])}`)).toEqual(differs);
    }
    const { latent, mean } = startOf({ sample: 'nothing' });
    expect(numbers(latent)).toEqual(numbers(mean));
  });

  test('has the same meta-parameters whatever is drawn, and for any number of ways', () => {
    const shapes = (learner: Learner) => Object.entries(learner.specs).map(([name, { shape }]) => `${name} ${shape}`);
    expect(shapes(leo(classifier(), { ...small, sample: 'nothing' }))).toEqual(shapes(leo(mlp([2, 5, 4, 7], { activation: 'softplus' }), small)));
  });

  test('an absent class starts at a standard normal code, and has no chance', () => {
    const { mean, logVariance, absence } = startOf({}); // the third class has no example
    for (const value of [mean!, logVariance!]) expect(numbers(tf.slice(value, [0, 2, 0], [1, 1, 3]))).toEqual([0, 0, 0]);
    expect(numbers(absence).map((value) => value + 0)).toEqual([0, 0, -1e9]); // −0 + 0 is 0
  });

  test('each kind of step has learned rates of its own', () => {
    const learner = leo(classifier(), { ...small, latentRate: 0.5, columnRate: 2 });
    const followed = learner.direction!(metaOf(learner), {} as At, { latent: tf.ones([1, 3, 3]), delta: tf.ones([1, 4, 3]) });
    expect(new Set(numbers(followed['latent']))).toEqual(new Set([0.5]));
    expect(new Set(numbers(followed['delta']))).toEqual(new Set([2]));
    expect([learner.specs['rate/latent']!.shape, learner.specs['rate/delta']!.shape]).toEqual([[1, 3], [4, 1]]);
  });
});

describe('the penalties of leo', () => {
  const fill = (value: number) => tf.fill([2, 3, 3], value);

  /** Two tasks whose codes start at `latent` with the distribution given, and end at 3. */
  function penaltyOf(weights: LeoOptions, { latent = fill(1), mean = fill(0), logVariance = fill(0) }: Params, change: Params = {}): tf.Tensor {
    const learner = leo(classifier(), { ...small, klWeight: 0, encoderWeight: 0, orthogonalityWeight: 0, ...weights });
    const at = (state: Params): At => ({ task: { support: support(), noise: noise() }, start: {}, state, step: 0 });
    return learner.penalty!({ ...metaOf(learner), ...change }, [at({ latent, mean, logVariance }), at({ latent: fill(3) })]);
  }

  test('a mean of 2 and a deviation of 1 are ½ · 2² nats from the standard normal; none is it itself', () => {
    expect(numbers(penaltyOf({ klWeight: 10 }, { mean: fill(2) }))).toEqual([20, 20]);
    expect(numbers(penaltyOf({ klWeight: 10 }, {}))).toEqual([0, 0]);
    const wide = penaltyOf({ klWeight: 1 }, { logVariance: fill(Math.log(4)) });
    expect(numbers(wide)[0]).toBeCloseTo((4 - Math.log(4) - 1) / 2, 5);
  });

  test('codes that move from 1 to 3 cost 2², and only their start has a gradient', () => {
    const { value, gradients } = valueAndGradients(({ latent }) => penaltyOf({ encoderWeight: 1 }, { latent: latent! }), { latent: fill(1) });
    expect(numbers(value)).toEqual([4, 4]);
    expect(numbers(gradients['latent'])[0]).toBeCloseTo((-2 * 2) / 9, 5); // of 9 values a task
    const learner = leo(classifier(), { ...small, klWeight: 0, encoderWeight: 1, orthogonalityWeight: 0 });
    const ends = valueAndGradients(({ last }) => {
      const at = (state: Params): At => ({ task: { support: support(), noise: noise() }, start: {}, state, step: 0 });
      return learner.penalty!(metaOf(learner), [at({ latent: fill(1), mean: fill(0), logVariance: fill(0) }), at({ latent: last! })]);
    }, { last: fill(3) });
    expect(new Set(numbers(ends.gradients['last']))).toEqual(new Set([0]));
  });

  test('rows of the decoder that are alike cost 1 − 1/L, rows at right angles nothing', () => {
    const decoder = (kernel: tf.Tensor) => ({ 'decoder/heads/mean/kernel': kernel, 'decoder/heads/logVariance/kernel': tf.zeros([1, 3, 4]) });
    const alike = penaltyOf({ orthogonalityWeight: 1 }, {}, decoder(tf.ones([1, 3, 4])));
    numbers(alike).forEach((value) => expect(value).toBeCloseTo(1 - 1 / 3, 5));
    const right = penaltyOf({ orthogonalityWeight: 1 }, {}, decoder(tf.slice(tf.reshape(tf.mul(tf.eye(4), 5), [1, 4, 4]), [0, 0, 0], [1, 3, 4])));
    numbers(right).forEach((value) => expect(value).toBeCloseTo(0, 6));
  });
});

test('pairs have the class of their first example, and no weight where either has none', () => {
  const pairs = examplePairs({ x: tf.tensor([1, 2], [1, 2, 1]), y: tf.tensor([1, 0, 0, 1], [1, 2, 2]), weight: tf.tensor([1, 0], [1, 2]) });
  expect(numbers(pairs.x)).toEqual([1, 1, 1, 2, 2, 1, 2, 2]);
  expect(numbers(pairs.y)).toEqual([1, 0, 1, 0, 0, 1, 0, 1]);
  expect(numbers(pairs.weight)).toEqual([1, 0, 0, 0]);
});

describe('meta-training', () => {
  const options = { latentSize: 8, latentSteps: 2 };
  const loops = { innerSteps: 3, innerLearningRate: 0.5, outerLearningRate: 0.003 };

  test('teaches leo to tell classes of points apart', async () => {
    const { before, after } = await scoresAround(leo(mlp([2, 16, 16, 3]), options), source, { steps: 400, ...loops });
    expect(before).toBeLessThan(0.5); // chance is a third
    expect(after).toBeGreaterThan(0.75);
  });

  test('with samples serves at the means, where scores do not depend on the noise', async () => {
    const trainer = await metaTrainer(leo(mlp([2, 16, 16, 3]), options), source, { seed: 'learning', metaBatchSize: 8, ...loops });
    for await (const { queryLoss } of trainer.train({ steps: 150 })) expect(queryLoss).toBeGreaterThan(0);
    const atMeans = leo(mlp([2, 16, 16, 3]), { ...options, sample: 'nothing' });
    const scores = async (learner: Learner, batchSize: number) => {
      const how: InnerOptions = { ...inner, steps: 3, learningRate: 0.5 };
      return (await evaluateLearner(learner, trainer.meta, source, how, { episodes: 40, steps: [3], batchSize })).scores[0]!;
    };
    const [alone, together] = [await scores(atMeans, 10), await scores(atMeans, 40)];
    expect(alone.values).toEqual(together.values);
    expect(alone.mean).toBeGreaterThan(0.7);
    const [sampled, sampledAgain] = [await scores(trainer.learner, 10), await scores(trainer.learner, 40)];
    expect(sampled.values).not.toEqual(sampledAgain.values);
    trainer.dispose();
  });
});

describe('refusals of leo', () => {
  test('a base network without a linear last layer', () =>
    expect(() => leo(sequential([2], [dense(3), activation('relu')]))).toThrow('leo: expected a base network whose last layer is dense'));

  test('options out of range', () => {
    expect(() => leo(classifier(), { latentSize: 0 })).toThrow('leo: latentSize: expected a whole number of at least 1, got 0.');
    expect(() => leo(classifier(), { sample: 'codes' as 'latents' })).toThrow("leo: sample: expected one of 'everything', 'latents', 'nothing', got 'codes'.");
    expect(() => leo(classifier(), { columnRate: 0 })).toThrow('leo: columnRate: expected a finite number above 0, got 0.');
    expect(() => leo(classifier(), { klWeight: -1 })).toThrow('leo: klWeight: expected a finite number of at least 0, got -1.');
  });
});
