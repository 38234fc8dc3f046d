import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams, mapParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { Examples } from '../../src/core/task';
import { hyperMaml } from '../../src/learners/hyper-maml';
import { innerLoop, type InnerOptions } from '../../src/meta/inner-loop';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { sgd } from '../../src/optim/sgd';
import { classification } from '../../src/tasks/objectives';
import { clusters } from '../conformance/combinations';
import { testLearner } from '../contracts/learner';
import { scoresAround } from '../helpers/learning';

const softplus = { activation: 'softplus' } as const;
const source = clusters([2], 3, false);
const classifier = () => mlp([2, 5, 4, 3], softplus);

for (const adapt of ['nothing', 'head'] as const)
  for (const head of ['any-ways', 'columns'] as const)
    testLearner(`hyperMaml with ${head}, adapting ${adapt}`, () => ({
      learner: hyperMaml(classifier(), { head, adapt, hidden: [4], activation: 'softplus' }),
      source,
    }));

const noise = () => seededNoise(createRng('noise'));
const numbers = (value: tf.Tensor | undefined) => Array.from(value!.dataSync());
const rounded = (value: tf.Tensor | undefined) => numbers(value).map((number) => Math.round(number * 1e4) / 1e4);

/** Four examples of two classes; their features are themselves. Class means (2, 1) and (4, 3), the mean of all (3, 2). */
const support = (): Examples => ({
  x: tf.tensor([1, 0, 3, 2, 4, 4, 4, 2], [1, 4, 2]),
  y: tf.tensor([1, 0, 1, 0, 0, 1, 0, 1], [1, 4, 2]),
  weight: tf.ones([1, 4]),
});

/** The head of a network without a body; its universal column is (10, 20) with bias 30. The hypernetwork is linear: `kernel` has a row for each of a class's 5 values. */
function headOf(kernel: readonly number[], options: { readonly support?: Examples; readonly columns?: readonly number[] } = {}): Params {
  const learner = hyperMaml(mlp([2, 2]), { hidden: [], head: options.columns ? 'columns' : 'any-ways' });
  const values: Readonly<Record<string, readonly number[]>> = {
    'base/dense1/kernel': options.columns ?? [10, 20],
    'base/dense1/bias': options.columns ? [0, 0] : [30],
    'hyper/heads/kernel/kernel': kernel,
  };
  const meta = mapParams(initParams(learner.specs, createRng('meta')), (value, name) =>
    values[name] ? tf.tensor([...values[name]], value.shape) : tf.zeros(value.shape),
  );
  return learner.start(meta, { support: options.support ?? support(), noise: noise() });
}

const nothing = [0, 0];

describe('hyperMaml', () => {
  test('keeps the universal head where nothing is generated', () => {
    const head = headOf([...nothing, ...nothing, ...nothing, ...nothing, ...nothing]);
    expect(numbers(head['dense1/kernel'])).toEqual([10, 10, 20, 20]);
    expect(numbers(head['dense1/bias'])).toEqual([30, 30]);
  });

  test("sees the mean feature of a class's examples", () => {
    const head = headOf([1, 0, 0, 1, ...nothing, ...nothing, ...nothing]);
    expect(rounded(head['dense1/kernel'])).toEqual([10 + 2, 10 + 4, 20 + 1, 20 + 3]);
  });

  test('sees how likely the universal head takes them for what they are: for one of two', () => {
    const head = headOf([...nothing, ...nothing, 1, 0, ...nothing, ...nothing]);
    expect(rounded(head['dense1/kernel'])).toEqual([10.5, 10.5, 20, 20]);
  });

  test('sees what the universal head takes for the class: everything alike, where columns are', () => {
    const head = headOf([...nothing, ...nothing, ...nothing, 1, 0, 0, 1]);
    expect(rounded(head['dense1/kernel'])).toEqual([10 + 3, 10 + 3, 20 + 2, 20 + 2]);
  });

  test('sees what the universal head takes for the class: where columns tell, only that', () => {
    // Logits −100 x₂ and 100 x₂: all are of the second class, but the first example, whose x₂ is 0, is half of each.
    const head = headOf([...nothing, ...nothing, ...nothing, 1, 0, 0, 1], { columns: [0, 0, -100, 100] });
    expect(rounded(head['dense1/kernel'])).toEqual([1, roundTo((0.5 + 3 + 4 + 4) / 3.5), -100, roundTo(100 + (2 + 4 + 2) / 3.5)]);
  });

  test('gives an absent class no chance', () => {
    const onlyFirst = { ...support(), y: tf.tensor([1, 0, 1, 0, 1, 0, 1, 0], [1, 4, 2]) };
    expect(numbers(headOf(Array(10).fill(0) as number[], { support: onlyFirst })['dense1/bias'])).toEqual([30, -1e9]);
  });

  test('serves any number of ways', () => {
    const learner = hyperMaml(classifier());
    const meta = initParams(learner.specs, createRng('meta'));
    const wide: Examples = { x: tf.randomNormal([2, 7, 2], 0, 1, 'float32', 1), y: tf.tile(tf.expandDims(tf.eye(7), 0), [2, 1, 1]), weight: tf.ones([2, 7]) };
    expect(learner.start(meta, { support: wide, noise: noise() })['dense3/kernel']!.shape).toEqual([2, 4, 7]);
  });

  test('takes gradient steps after the update only where it is told to', () => {
    const moved = (learner: Learner) => {
      const inner: InnerOptions = { steps: 1, learningRate: 0.1, optimizer: sgd(), order: 'first', loss: classification.loss };
      const { start, state } = innerLoop(learner, initParams(learner.specs, createRng('meta')), { support: support(), noise: noise() }, inner).at(-1)!;
      return Object.keys(state).filter((name) => numbers(state[name]).some((value, index) => value !== numbers(start[name])[index]));
    };
    expect(moved(hyperMaml(mlp([2, 4, 2])))).toEqual([]);
    expect(moved(hyperMaml(mlp([2, 4, 2]), { adapt: 'head' }))).toEqual(['dense2/kernel', 'dense2/bias']);
  });

  test('learns to tell classes of points apart', async () => {
    const { before, after } = await scoresAround(hyperMaml(mlp([2, 16, 16, 3]), { hidden: [32] }), source, { steps: 200, innerSteps: 0, outerLearningRate: 0.01 });
    expect(before).toBeLessThan(0.7);
    expect(after).toBeGreaterThan(0.85);
  });

  test('refuses what has no classes, and options that are none', () => {
    expect(() => hyperMaml(mlp([1, 4, 1]))).toThrow('hyperMaml: base: expected an output for each class, at least 2, got 1.');
    expect(() => hyperMaml(sequential([2], [dense(3), activation('relu')]))).toThrow('hyperMaml: expected a base network whose last layer is dense');
    expect(() => hyperMaml(classifier(), { adapt: 'weights' as 'head' })).toThrow("hyperMaml: adapt: expected one of 'nothing', 'head', got 'weights'.");
    expect(() => hyperMaml(classifier(), { initialScale: 0 })).toThrow('hyperMaml: initialScale: expected a finite number above 0, got 0.');
  });
});

function roundTo(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
