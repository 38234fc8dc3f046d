import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams, mapParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { Examples, TaskSource } from '../../src/core/task';
import { anil } from '../../src/learners/anil';
import { boil } from '../../src/learners/boil';
import { maml } from '../../src/learners/maml';
import { metaCurvature } from '../../src/learners/meta-curvature';
import { metaSgd } from '../../src/learners/meta-sgd';
import { innerLoop, type InnerOptions } from '../../src/meta/inner-loop';
import { activation } from '../../src/nn/activation';
import { conv4Strided } from '../../src/nn/conv4';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { sgd } from '../../src/optim/sgd';
import { classification, regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { clusters } from '../conformance/combinations';
import { testLearner } from '../contracts/learner';
import { scoresAround } from '../helpers/learning';

const softplus = { activation: 'softplus' } as const;
const waves = sinusoids({ shots: 4, queryShots: 3, x: [-1, 1] });
const classes = clusters([2], 3, false);
const regressor = () => mlp([1, 5, 4, 1], softplus);
const classifier = () => mlp([2, 5, 4, 3], softplus);

const makers = { metaSgd, metaCurvature };

testLearner('boil', () => ({ learner: boil(regressor()), source: waves }));
testLearner('boil of classes', () => ({ learner: boil(classifier()), source: classes }));
for (const [name, make] of Object.entries(makers)) {
  testLearner(name, () => ({ learner: make(regressor()), source: waves }));
  testLearner(`${name} with any ways`, () => ({ learner: make(classifier()), source: classes }));
  testLearner(`${name} with columns`, () => ({ learner: make(classifier(), { head: 'columns' }), source: classes }));
}
testLearner('metaSgd from a range of rates', () => ({ learner: metaSgd(regressor(), { initialRate: [0.5, 1.5] }), source: waves }));

/** f(x) = 3 (2 x): the loss of x = 1, y = 0 is 36, and its gradients are 36 for the body's two values, 24 and 12 for the head's. */
const line = () => sequential([1], [dense(1), dense(1)]);
const lineValues: Readonly<Record<string, number>> = { 'base/dense1/kernel': 2, 'base/dense1/bias': 0, 'base/dense2/kernel': 3, 'base/dense2/bias': 0 };
const one = (): Examples => ({ x: tf.ones([1, 1, 1]), y: tf.zeros([1, 1, 1]), weight: tf.ones([1, 1]) });
const inner: InnerOptions = { steps: 1, learningRate: 0.01, optimizer: sgd(), order: 'second', loss: regression.loss };
const noise = () => seededNoise(createRng('noise'));

const meta = (learner: Learner) => initParams(learner.specs, createRng('meta'));
const numbers = (value: tf.Tensor | undefined) => Array.from(value!.dataSync());

/** The state of the line's one task after a step, and its weights. */
function stepOnLine(learner: Learner, change: Readonly<Record<string, number>> = {}): { readonly state: Params; readonly weights: Params } {
  const params = mapParams(meta(learner), (value, name) => {
    const number = { ...lineValues, ...change }[name];
    return number === undefined ? value : tf.fill(value.shape, number);
  });
  const at = innerLoop(learner, params, { support: one(), noise: noise() }, inner).at(-1)!;
  return { state: at.state, weights: learner.weights(params, at.state) };
}

describe('boil', () => {
  test('moves the body, and leaves the head at its start', () => {
    const { state, weights } = stepOnLine(boil(line()));
    expect(Object.keys(state)).toEqual(['dense1/kernel', 'dense1/bias']);
    expect(numbers(weights['dense1/kernel'])[0]).toBeCloseTo(2 - 0.01 * 36, 5);
    expect(numbers(weights['dense2/kernel'])).toEqual([3]);
  });

  test('mirrors ANIL: the two together move what MAML moves', () => {
    const [body, head, both] = [boil, anil, maml].map((make) => stepOnLine(make(line())).state) as [Params, Params, Params];
    for (const [name, value] of Object.entries({ ...body, ...head })) expect(numbers(value)).toEqual(numbers(both[name]));
    expect(Object.keys(both)).toHaveLength(4);
  });

  test('has a column for each class: from columns that are alike nothing moves', () => {
    const learner = boil(classifier());
    expect(learner.specs['base/dense3/kernel']!.shape).toEqual([4, 3]);
    const alike = mapParams(meta(learner), (value, name) => (name.startsWith('base/dense3') ? tf.fill(value.shape, 0.5) : value));
    const support: Examples = { x: tf.tensor([1, 0, 0, 1, 1, 1], [1, 3, 2]), y: tf.reshape(tf.eye(3), [1, 3, 3]), weight: tf.ones([1, 3]) };
    const { start, state } = innerLoop(learner, alike, { support, noise: noise() }, { ...inner, loss: classification.loss }).at(-1)!;
    for (const [name, value] of Object.entries(state)) numbers(tf.sub(value, start[name]!)).forEach((change) => expect(change).toBeCloseTo(0, 7));
  });

  test('refuses a base network without a linear last layer, and one without a body', () => {
    expect(() => boil(sequential([2], [dense(3), activation('relu')]))).toThrow('boil: expected a base network whose last layer is dense');
    expect(() => boil(mlp([2, 3]))).toThrow('boil: base: expected layers with parameters in front of the last one, got none');
  });
});

describe('metaSgd', () => {
  test('starts as MAML', () => {
    const [ours, theirs] = [stepOnLine(metaSgd(line())), stepOnLine(maml(line()))];
    for (const [name, value] of Object.entries(theirs.state)) expect(numbers(ours.state[name])).toEqual(numbers(value));
  });

  test("multiplies the inner learning rate by each parameter's own factor", () => {
    const { state } = stepOnLine(metaSgd(line()), { 'rate/dense1/kernel': 0.5, 'rate/dense2/kernel': -1 });
    expect(numbers(state['dense1/kernel'])[0]).toBeCloseTo(2 - 0.01 * 0.5 * 36, 5);
    expect(numbers(state['dense2/kernel'])[0]).toBeCloseTo(3 + 0.01 * 24, 5);
    expect(numbers(state['dense2/bias'])[0]).toBeCloseTo(-0.01 * 12, 5);
  });

  test('has a factor for every single parameter, and one column of them for a head of any ways', () => {
    const { specs } = metaSgd(classifier());
    for (const name of ['dense1/kernel', 'dense1/bias', 'dense3/kernel', 'dense3/bias'])
      expect(specs[`rate/${name}`]!.shape).toEqual(specs[`base/${name}`]!.shape);
    expect(specs['rate/dense3/kernel']!.shape).toEqual([4, 1]);
  });

  test('has none for running statistics', () => {
    const { specs } = metaSgd(mlp([1, 3, 1], { norm: 'batch', statistics: 'running' }));
    expect(Object.keys(specs).filter((name) => /rate.*norm/.test(name))).toEqual(['rate/norm1/scale', 'rate/norm1/shift']);
  });

  test('draws its start from a range where it is given one', () => {
    const rates = numbers(meta(metaSgd(regressor(), { initialRate: [0.005, 0.1] }))['rate/dense2/kernel']);
    for (const rate of rates) expect(rate >= 0.005 && rate < 0.1, `${rate}`).toBe(true);
    expect(new Set(rates).size).toBe(20);
    expect(numbers(meta(metaSgd(line(), { initialRate: 0.25 }))['rate/dense1/bias'])).toEqual([0.25]);
  });

  test('refuses rates that are none', () => {
    expect(() => metaSgd(line(), { initialRate: 0 })).toThrow('metaSgd: initialRate: expected a finite number above 0, got 0.');
    expect(() => metaSgd(line(), { initialRate: [0.1, 0.005] })).toThrow('metaSgd: initialRate: expected a range [low, high], got [0.1, 0.005].');
  });
});

describe('metaCurvature', () => {
  const follow = (learner: Learner, change: Params, gradients: Params) =>
    learner.direction!({ ...meta(learner), ...change }, { task: { support: one(), noise: noise() }, start: {}, state: {}, step: 0 }, gradients);
  const matrix = (values: readonly number[]) => tf.tensor([...values], [1, 2, 2]);
  const swap = () => matrix([0, 1, 1, 0]);

  test('starts as MAML', () => {
    const [ours, theirs] = [stepOnLine(metaCurvature(line())), stepOnLine(maml(line()))];
    for (const [name, value] of Object.entries(theirs.state)) expect(numbers(ours.state[name])).toEqual(numbers(value));
  });

  test('multiplies a matrix along its inputs and along its outputs, a vector along its values', () => {
    const learner = metaCurvature(mlp([2, 2]), { head: 'columns' });
    const curvature = { 'curvature/dense1/kernel/input': swap(), 'curvature/dense1/kernel/output': matrix([1, 0, 0, 10]), 'curvature/dense1/bias/output': swap() };
    const followed = follow(learner, curvature, { 'dense1/kernel': tf.tensor([1, 2, 3, 4], [1, 2, 2]), 'dense1/bias': tf.tensor([5, 6], [1, 2]) });
    expect(numbers(followed['dense1/kernel'])).toEqual([3, 40, 1, 20]);
    expect(numbers(followed['dense1/bias'])).toEqual([6, 5]);
  });

  test('entry [j, i] of a matrix carries gradient j to i', () => {
    const learner = metaCurvature(mlp([2, 2]), { head: 'columns' });
    const followed = follow(learner, { 'curvature/dense1/bias/output': matrix([1, 2, 3, 4]) }, { 'dense1/bias': tf.tensor([1, 10], [1, 2]) });
    expect(numbers(followed['dense1/bias'])).toEqual([1 + 30, 2 + 40]);
  });

  test("takes a convolution's positions as one mode", () => {
    const base = conv4Strided({ inputShape: [16, 16, 1], ways: 3, filters: 2 });
    const learner = metaCurvature(base);
    const ofKernel = Object.entries(learner.specs).filter(([name]) => name.startsWith('curvature/conv2/kernel'));
    expect(ofKernel.map(([name, { shape }]) => [name.split('/').at(-1), shape])).toEqual([['filter', [9, 9]], ['input', [2, 2]], ['output', [2, 2]]]);
    const gradient = tf.range(0, 36).reshape([1, 3, 3, 2, 2]);
    const turn = tf.reverse(tf.reshape(tf.eye(9), [1, 9, 9]), 1);
    const followed = follow(learner, { 'curvature/conv2/kernel/filter': turn, 'curvature/conv2/kernel/input': swap() }, { 'conv2/kernel': gradient });
    expect(numbers(followed['conv2/kernel'])).toEqual(numbers(tf.reverse(gradient, [1, 2, 3])));
  });

  test('leaves the outputs of a head of any ways out', () => {
    const { specs } = metaCurvature(classifier());
    expect(Object.keys(specs).filter((name) => name.startsWith('curvature/dense3'))).toEqual(['curvature/dense3/kernel/input']);
    expect(Object.keys(specs).filter((name) => name.startsWith('curvature/dense1'))).toHaveLength(3);
  });
});

describe('meta-training', () => {
  const cases: Readonly<Record<string, readonly [Learner, TaskSource, worst: number]>> = {
    boil: [boil(mlp([2, 16, 16, 3])), classes, 0.75],
    metaSgd: [metaSgd(mlp([2, 16, 16, 3])), classes, 0.84],
    metaCurvature: [metaCurvature(mlp([2, 16, 16, 3])), classes, 0.84],
  };

  test.each(Object.entries(cases))('teaches %s to tell classes of points apart', async (_name, [learner, source, worst]) => {
    const { before, after } = await scoresAround(learner, source, { steps: 400, innerSteps: 3, innerLearningRate: 0.1, outerLearningRate: 0.01 });
    expect(before).toBeLessThan(worst - 0.1);
    expect(after).toBeGreaterThan(worst);
  });
});

test('a head that no step changes has a column for each class, or is refused', () => {
  const base = mlp([2, 4, 3]);
  const still = maml(base, { adapts: () => false });
  expect(still.ways).toBeUndefined();
  expect(still.specs['base/dense2/kernel']!.shape).toEqual([4, 3]);
  expect(maml(base, { adapts: (name) => name.startsWith('dense2/') }).ways).toBe('any');
  expect(() => maml(base, { adapts: (name) => name.startsWith('dense1/'), head: 'any-ways' })).toThrow("maml: head: expected 'columns' where no step changes the last layer, got 'any-ways'.");
});
