import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TaskInputs } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { classEncoder } from '../../src/embeddings/class-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { r2d2 } from '../../src/learners/r2d2';
import { versa } from '../../src/learners/versa';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { fewShot } from '../../src/tasks/few-shot';
import { gaussian } from '../../src/tasks/gaussian';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { testLearner } from '../contracts/learner';
import { pointClasses, points } from '../helpers/points';

const smooth = { activation: 'softplus' } as const;
const waves = sinusoids({ shots: 4, queryShots: 3, x: [-1, 1] });

const classes = pointClasses;

testLearner('r2d2 of values, fewer examples than features', () => ({ learner: r2d2(mlp([1, 5, 8, 1], smooth), { ridge: 0.5 }), source: waves }));
testLearner('r2d2 of classes, more examples than features', () => ({ learner: r2d2(mlp([2, 6, 4, 3], smooth), { scale: 5 }), source: classes }));
testLearner('hyperClassifier as in CNAPs', () => ({
  learner: hyperClassifier(mlp([2, 6, 4, 3], smooth), {
    head: fullHypernetwork({ embeddingSize: 4, hidden: [4], ...smooth }),
    around: 'nothing',
    body: {
      family: modulationHypernetwork({ embeddingSize: 3, hidden: [4], ...smooth }),
      start: classEncoder({ size: 3, inputShape: [2], hidden: [4], classSize: 3, ...smooth }),
    },
    adapt: 'nothing',
  }),
  source: classes,
}));
testLearner('hyperClassifier whose classes attend to each other', () => ({
  learner: hyperClassifier(mlp([2, 6, 4, 3], smooth), {
    head: fullHypernetwork({ embeddingSize: 4, hidden: [4], ...smooth }),
    attention: { heads: 2, hidden: 4, ...smooth },
    adapt: 'nothing',
  }),
  source: classes,
}));
testLearner('versa', () => ({ learner: versa(mlp([2, 6, 4, 3], smooth), { hidden: [5], activation: 'softplus' }), source: classes }));

/** One task whose features are its inputs. */
function given(x: number[][], y: number[][]): TaskInputs {
  return { support: { x: tf.tensor3d([x]), y: tf.tensor3d([y]), weight: tf.ones([1, x.length]) }, noise: seededNoise(createRng('given')) };
}

const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('r2d2', () => {
  const headOf = (task: TaskInputs, options: Parameters<typeof r2d2>[1], change: Params = {}) => {
    const learner = r2d2(sequential([1], [dense(1)]), options);
    const { 'dense1/kernel': kernel, 'dense1/bias': bias } = learner.start({ ...initParams(learner.specs, createRng('meta')), ...change }, task);
    return [...numbers(kernel!), ...numbers(bias!)];
  };

  test('is the ridge regression that one can do by hand', () => {
    // Z = [1 1; -1 1; 0 1], y = [2, 0, 1]: ZᵀZ + I = diag(3, 4), Zᵀy = [2, 3].
    const [slope, constant] = headOf(given([[1], [-1], [0]], [[2], [0], [1]]), { ridge: 1 });
    expect(slope).toBeCloseTo(2 / 3, 5);
    expect(constant).toBeCloseTo(3 / 4, 5);
  });

  test('is the same with fewer examples than features, by the other formula', () => {
    // Z = [2 1], y = [6], λ = 1: Zᵀ · 6 / (5 + 1) = [2, 1].
    expect(headOf(given([[2]], [[6]]), { ridge: 1 })).toEqual([2, 1].map((value) => expect.closeTo(value, 5) as number));
  });

  test('scales outputs by alpha and moves them by beta', () => {
    const task = given([[1], [-1], [0]], [[2], [0], [1]]);
    const [slope, constant] = headOf(task, { ridge: 1, scale: 3 }, { 'ridge/beta': tf.tensor1d([0.5]) });
    expect(slope).toBeCloseTo(2, 5);
    expect(constant).toBeCloseTo(3 * 0.75 + 0.5, 5);
  });

  test('serves other numbers of classes than the base network has outputs', () => {
    const task = given([[1], [0], [-1], [2]], [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
    const learner = r2d2(mlp([1, 3, 2]));
    const { 'dense2/kernel': kernel, 'dense2/bias': bias } = learner.start(initParams(learner.specs, createRng('meta')), task);
    expect([kernel!.shape, bias!.shape]).toEqual([[1, 3, 4], [1, 4]]);
  });

  test('learns sine waves, which it cannot before', async () => {
    const trainer = await metaTrainer(r2d2(mlp([1, 32, 32, 1], { activation: 'tanh' })), sinusoids(), { seed: 'one', outerLearningRate: 0.003 });
    const error = async () => (await trainer.evaluate({ episodes: 100, steps: [0] })).scores[0]!.mean;
    const before = await error();
    for await (const event of trainer.train({ steps: 300 })) void event;
    const after = await error();
    expect(after).toBeLessThan(0.3 * before);
    trainer.dispose();
  });

  test('refuses outputs that are more than their targets, and a ridge of zero', async () => {
    await expect(metaTrainer(r2d2(mlp([1, 4, 2])), { ...sinusoids(), objective: gaussian() })).rejects.toThrow(
      'R2-D2 learner: expected tasks whose outputs stand for a target each, got outputs of shape [2] for targets of shape [1]',
    );
    await expect(metaTrainer(r2d2(mlp([1, 4, 2])), sinusoids())).rejects.toThrow('expected output shape [1], as the tasks have, got [2].');
    expect(() => r2d2(mlp([1, 1]), { ridge: 0 })).toThrow('r2d2: ridge: expected a finite number above 0, got 0.');
    for (const make of [r2d2, versa])
      expect(() => make(sequential([2], [dense(3), activation('relu')]))).toThrow('expected a base network whose last layer is dense');
  });
});

describe('hyperClassifier whose classes attend to each other', () => {
  const base = sequential([4], [dense(3)]);
  const head = fullHypernetwork({ embeddingSize: 4, hidden: [] });
  const columnsOf = (task: TaskInputs, attention?: { heads: number }) => {
    const learner = hyperClassifier(base, { head, around: 'nothing', adapt: 'nothing', ...(attention ? { attention } : {}) });
    const meta = initParams(learner.specs, createRng('meta'));
    const { 'dense1/kernel': kernel } = learner.weights(meta, learner.start(meta, task));
    return numbers(tf.transpose(kernel!, [0, 2, 1])).map((value) => Number(value.toFixed(4)));
  };
  const support = (second: number[]) => given([[1, 0, 2, 0], second], [[1, 0, 0], [0, 1, 0]]);
  const [one, another] = [[0, 1, 0, 1], [0, -3, 1, 2]];

  test('has a column that depends on the other classes, which it does not have without', () => {
    const first = (second: number[], attention?: { heads: number }) => columnsOf(support(second), attention).slice(0, 4);
    expect(first(one)).toEqual(first(another));
    expect(first(one, { heads: 2 })).not.toEqual(first(another, { heads: 2 }));
  });

  test('does not look at a class that the support set does not show', () => {
    const two = given([[1, 0, 2, 0], one], [[1, 0], [0, 1]]);
    expect(columnsOf(two, { heads: 2 })).toEqual(columnsOf(support(one), { heads: 2 }).slice(0, 8));
  });

  test('looks at them also where a step has moved their biases', async () => {
    const learner = hyperClassifier(base, { head, attention: { heads: 2 } });
    const meta = initParams(learner.specs, createRng('meta'));
    const state = learner.start(meta, support(one));
    const moved = { ...state, absence: tf.add(state['absence']!, 1e-9) };
    expect(numbers(learner.weights(meta, moved)['dense1/kernel']!)).toEqual(numbers(learner.weights(meta, state)['dense1/kernel']!));
  });

  test('refuses heads that do not share a class embedding evenly', () =>
    expect(() => hyperClassifier(base, { head, attention: { heads: 3 } })).toThrow('attention: heads: expected a divisor of the 4 features, got 3.'));
});

describe('versa', () => {
  const learner = versa(mlp([1, 3, 2]), { hidden: [] });
  const kernelAt = (change: (name: string, value: tf.Tensor) => tf.Tensor, seed = 'one') => {
    const meta = initParams(learner.specs, createRng('meta'));
    const changed = Object.fromEntries(Object.entries(meta).map(([name, value]) => [name, change(name, value)]));
    const task = { ...given([[1], [-1], [2]], [[1, 0, 0], [0, 1, 0], [0, 1, 0]]), noise: seededNoise(createRng(seed)) };
    const { 'dense2/kernel': kernel, 'dense2/bias': bias } = learner.start(changed, task);
    return { kernel: numbers(kernel!), bias: numbers(bias!) };
  };

  test('without variance a column is the network of its class mean, whatever the noise', () => {
    const certain = (name: string, value: tf.Tensor) => (name === 'hyper/logVariance/dense1/bias' ? tf.fill(value.shape, -400) : value);
    expect(kernelAt(certain, 'one').kernel).toEqual(kernelAt(certain, 'two').kernel);
  });

  test('with mean 0 and variance 4 its values are twice the noise', () => {
    const fixed = (name: string, value: tf.Tensor) => tf.fill(value.shape, name === 'hyper/logVariance/dense1/bias' ? Math.log(4) : 0);
    const drawn = createRng('one');
    const columns = Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => 2 * drawn.normal())); // 3 classes, 3 features and a bias
    const { kernel, bias } = kernelAt(fixed);
    [0, 1, 2].forEach((way) => [0, 1, 2].forEach((row) => expect(kernel[row * 3 + way]).toBeCloseTo(columns[way]![row]!, 5)));
    expect(bias[1]).toBeCloseTo(columns[1]![3]!, 5);
  });

  test('never predicts a class that the support set does not show', () => expect(kernelAt((_name, value) => value).bias[2]).toBeLessThan(-1e8));

  test('learns to tell points apart, and adapts to other numbers of classes in several samples', async () => {
    const source = fewShot(points(), { ways: 3, shots: 2, queryShots: 4 });
    const trainer = await metaTrainer(versa(mlp([2, 32, 32, 3])), source, { seed: 'one', outerLearningRate: 0.003 });
    const accuracy = async () => (await trainer.evaluate({ episodes: 100, steps: [0] })).scores[0]!.mean;
    const before = await accuracy();
    for await (const event of trainer.train({ steps: 200 })) void event;
    expect(before).toBeLessThan(0.6);
    expect(await accuracy()).toBeGreaterThan(0.8);
    const adapted = await trainer.adapt({ x: [[0, 0], [3, 3], [-3, 0], [0, -3]], y: ['a', 'b', 'c', 'd'] }, { samples: 10 });
    const [row] = adapted.predict([[3, 3]]) as number[][];
    expect(row!.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 5);
    expect(adapted.classify([3, 3])).toBe('b');
    adapted.dispose();
    trainer.dispose();
  });
});
