import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { learnedRates } from '../../src/learners/learned-rates';
import { maml } from '../../src/learners/maml';
import { innerLoop, type InnerOptions } from '../../src/meta/inner-loop';
import { metaStep, startMetaState } from '../../src/meta/meta-step';
import { unrolled } from '../../src/meta/unrolled';
import { mlp } from '../../src/nn/mlp';
import { adam } from '../../src/optim/adam';
import { sgd } from '../../src/optim/sgd';
import { regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleBatch } from '../../src/tasks/stack-episodes';

const noise = seededNoise(createRng('noise'));
const inner: InnerOptions = { steps: 1, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: regression.loss };
const numbers = (params: Params) => Object.values(params).flatMap((value) => Array.from(value.dataSync()));

/** y = weight · x with one support and one query example a task: everything can be worked out by hand. */
const line: Learner = {
  name: 'line',
  base: {
    specs: { weight: { shape: [1], role: 'kernel', fanIn: 1, init: () => new Float32Array([2]) } },
    inputShape: [1],
    outputShape: [1],
    apply: ({ weight }, x) => tf.mul(x, tf.expandDims(weight!, 1)),
  },
  specs: { weight: { shape: [1], role: 'kernel', fanIn: 1, init: () => new Float32Array([2]) } },
  start: ({ weight }, { support }) => ({ weight: tf.tile(weight!, [support.x.shape[0], 1]) }),
  weights: (_meta, state) => state,
};

/** Tasks (x, y) for support and query alike. */
function batchOf(...tasks: readonly (readonly [x: number, y: number])[]) {
  const examples = {
    x: tf.tensor(tasks.map(([x]) => [[x]])),
    y: tf.tensor(tasks.map(([, y]) => [[y]])),
    weight: tf.ones([tasks.length, 1]),
  };
  return { support: examples, query: examples };
}

describe('the meta-gradient, by hand', () => {
  // Task (x, y) = (1, 0): loss w², gradient 2w; adapted w' = w − 0.1 · 2w = 0.8 w = 1.6; query loss w'² = 2.56.
  const gradient = (order: 'first' | 'second') =>
    tf.tidy(() => {
      const { loss, gradients } = unrolled()(line, { weight: tf.tensor([[2]]) }, batchOf([1, 0]), noise, { ...inner, order });
      return [loss.dataSync()[0]!, ...numbers(gradients)];
    });

  test('second order goes through the inner step: 2 w′ · 0.8', () =>
    expect(gradient('second')).toEqual([expect.closeTo(2.56), expect.closeTo(2.56)]));

  test('first order is the gradient at the adapted weights: 2 w′', () =>
    expect(gradient('first')).toEqual([expect.closeTo(2.56), expect.closeTo(3.2)]));

  test('the inner objective is a sum over tasks: a task adapts by its own gradient, however many there are', () =>
    tf.tidy(() => {
      const start = { weight: tf.tensor([[2]]) };
      const adapted = innerLoop(line, start, { ...batchOf([1, 0], [1, 1]), noise }, inner).at(-1)!.state;
      expect(numbers(adapted)).toEqual([expect.closeTo(1.6), expect.closeTo(1.8)]);
    }));

  test('the outer objective is a mean over tasks', () =>
    tf.tidy(() => {
      const { loss } = unrolled()(line, { weight: tf.tensor([[2]]) }, batchOf([1, 0], [1, 1]), noise, inner);
      expect(loss.dataSync()[0]).toBeCloseTo((1.6 ** 2 + 0.8 ** 2) / 2);
    }));

  test('losses at every step are averaged', () =>
    tf.tidy(() => {
      const options = { ...inner, steps: 2 };
      const { loss } = unrolled({ losses: 'every' })(line, { weight: tf.tensor([[2]]) }, batchOf([1, 0]), noise, options);
      expect(loss.dataSync()[0]).toBeCloseTo((1.6 ** 2 + 1.28 ** 2) / 2);
    }));

  test('inner clipping is by the norm of each task', () =>
    tf.tidy(() => {
      const clipped = { ...inner, clip: { by: 'norm', limit: 1 } as const };
      const adapted = innerLoop(line, { weight: tf.tensor([[2]]) }, { ...batchOf([1, 0], [1, 1.9]), noise }, clipped).at(-1)!;
      expect(numbers(adapted.state)).toEqual([expect.closeTo(1.9), expect.closeTo(1.98)]);
    }));
});

describe('metaStep', () => {
  const learner = maml(mlp([1, 4, 1]));
  const options = { metaGradient: unrolled(), optimizer: adam(), learningRate: 0.01, inner };

  test('is pure: the same arguments give the same state, and are not changed', () =>
    tf.tidy(() => {
      const batch = sampleBatch(sinusoids({ shots: 4 }), 'pure', 0, 3);
      const state = startMetaState(learner, adam(), createRng('state'));
      const before = [numbers(state.meta), numbers(state.moments)];
      const [first, second] = [0, 1].map(() => metaStep(learner, state, batch, noise, options));
      expect(numbers(first!.state.meta)).toEqual(numbers(second!.state.meta));
      expect([numbers(state.meta), numbers(state.moments)]).toEqual(before);
      expect(numbers(first!.state.meta)).not.toEqual(before[0]);
    }));

  test('outer clipping is by the global norm', () =>
    tf.tidy(() => {
      const state = { meta: { weight: tf.tensor([[2]]) }, moments: {} };
      const step = metaStep(line, state, batchOf([1, 0]), noise, {
        ...options,
        optimizer: sgd(),
        learningRate: 1,
        clip: { by: 'norm', limit: 0.5 },
      });
      expect(numbers(step.state.meta)).toEqual([expect.closeTo(1.5)]);
      expect(Array.from(step.metrics.dataSync())).toEqual([expect.closeTo(2.56), expect.closeTo(2.56)]); // loss and norm
    }));
});

test('learned rates have gradients, one for each step', () =>
  tf.tidy(() => {
    const learner = learnedRates(line, { steps: 2 });
    const meta = initParams(learner.specs, createRng('rates'));
    const { gradients } = unrolled()(learner, meta, batchOf([1, 0]), noise, { ...inner, steps: 2 });
    // w″ = w (1 − 0.2 r₁)(1 − 0.2 r₂): d(w″²)/dr = 2 w″ · w · (−0.2)(0.8) at r = 1
    const expected = 2 * 1.28 * 2 * -0.2 * 0.8;
    expect(numbers({ rate: gradients['rate/step']! })).toEqual([expect.closeTo(expected, 4), expect.closeTo(expected, 4)]);
  }));

test('more steps than rates use the last rate', () =>
  tf.tidy(() => {
    const learner = learnedRates(line, { steps: 1 });
    const meta = initParams(learner.specs, createRng('rates'));
    const path = innerLoop(learner, meta, { ...batchOf([1, 0]), noise }, { ...inner, steps: 3 });
    expect(path.map(({ state }) => numbers(state)[0])).toEqual([2, expect.closeTo(1.6), expect.closeTo(1.28), expect.closeTo(1.024)]);
  }));
