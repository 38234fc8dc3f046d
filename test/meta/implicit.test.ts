import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { EpisodeBatch } from '../../src/core/task';
import { anil } from '../../src/learners/anil';
import { cavia } from '../../src/learners/cavia';
import { imaml } from '../../src/learners/imaml';
import { learnedRates } from '../../src/learners/learned-rates';
import { maml } from '../../src/learners/maml';
import { conjugateGradients } from '../../src/meta/conjugate-gradients';
import { implicit, type ImplicitOptions } from '../../src/meta/implicit';
import type { InnerOptions } from '../../src/meta/inner-loop';
import type { MetaGradient } from '../../src/meta/meta-gradient';
import { unrolled } from '../../src/meta/unrolled';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { classification, regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleBatch } from '../../src/tasks/stack-episodes';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { clusters } from '../conformance/combinations';
import { line, lineTasks, type LineTask } from '../helpers/line';

const noise = () => seededNoise(createRng('noise'));
const inner: InnerOptions = { steps: 40, learningRate: 0.2, optimizer: sgd(), order: 'second', loss: regression.loss };
const numbers = (value: tf.Tensor) => Array.from(value.dataSync());

function gradientOf(metaGradient: MetaGradient, learner: Learner, batch: EpisodeBatch, options: InnerOptions) {
  const { loss, gradients } = metaGradient(learner, initParams(learner.specs, createRng('meta')), batch, noise(), options);
  return { loss: numbers(loss)[0]!, gradients };
}

/** ‖found − expected‖ / ‖expected‖. */
function error(found: Params, expected: Params): number {
  const norm = (values: readonly tf.Tensor[]) => Math.sqrt(values.reduce((sum, value) => sum + numbers(tf.sum(tf.square(value)))[0]!, 0));
  return norm(Object.keys(expected).map((name) => tf.sub(found[name]!, expected[name]!))) / norm(Object.values(expected));
}

describe('iMAML by hand', () => {
  // L_support = ½(4 w₁² + w₂²), so H = diag(4, 1); with λ = 1 from θ = (10, 6) the minimum is φ = θ / (H + 1) = (2, 3).
  // L_query = ½((w₁ − 1)² + (w₂ − 1)²), its gradient there (1, 2), its value 2.5.
  const learner = imaml(line([10, 6]), { lambda: 1 });
  const task: LineTask = { support: [[[2, 0], 0], [[0, 1], 0]], query: [[[1, 0], 1], [[0, 1], 1]] };
  // H = diag(1, 1), φ = (5, 3); L_query = ½((w₁ − 3)² + (w₂ − 3)²), its gradient there (2, 0), its value 2.
  const other: LineTask = { support: [[[1, 0], 0], [[0, 1], 0]], query: [[[1, 0], 3], [[0, 1], 3]] };
  const found = (options: ImplicitOptions, ...tasks: readonly LineTask[]) =>
    tf.tidy(() => {
      const { loss, gradients } = gradientOf(implicit(options), learner, lineTasks(...tasks), inner);
      return [...numbers(gradients['base/weight']!), loss];
    });

  test('is (I + H / λ)⁻¹ times the query gradient: (1 / 5, 2 / 2), after as many conjugate steps as unknowns', () =>
    expect(found({ conjugateSteps: 2 }, task)).toEqual([expect.closeTo(0.2, 5), expect.closeTo(1, 5), expect.closeTo(2.5, 4)]));

  test('more conjugate steps than unknowns change nothing', () =>
    expect(found({ conjugateSteps: 6 }, task)).toEqual([expect.closeTo(0.2, 5), expect.closeTo(1, 5), expect.closeTo(2.5, 4)]));

  test('one conjugate step goes along the query gradient g by g·g / g·Ag = 5 / 13', () =>
    expect(found({ conjugateSteps: 1 }, task)).toEqual([expect.closeTo(5 / 13, 5), expect.closeTo(10 / 13, 5), expect.closeTo(2.5, 4)]));

  test('damping 1 adds to H: (1 / 6, 2 / 3)', () =>
    expect(found({ conjugateSteps: 2, damping: 1 }, task)).toEqual([expect.closeTo(1 / 6, 5), expect.closeTo(2 / 3, 5), expect.closeTo(2.5, 4)]));

  test('every task has a system of its own, and the mean counts', () =>
    expect(found({ conjugateSteps: 2 }, task, other)).toEqual([expect.closeTo((0.2 + 1) / 2, 5), expect.closeTo((1 + 0) / 2, 5), expect.closeTo(2.25, 4)]));
});

describe('the end of many unrolled steps', () => {
  const waves = () => sampleBatch(sinusoids({ shots: 5, x: [-1, 1], amplitude: [0.1, 1] }), 'implicit', 0, 2);
  const points = () => sampleBatch(clusters([2]), 'implicit', 0, 2);
  const ridge = (learner: Learner): Learner => ({
    ...learner,
    innerLoss: (_meta, { state }, loss) => tf.addN([loss, ...Object.values(state).map((value) => tf.sum(tf.reshape(tf.square(value), [value.shape[0], -1]), 1))]),
  });
  const smooth = { activation: 'softplus' } as const;

  test.each([
    ['all weights', () => imaml(mlp([1, 4, 1], smooth), { lambda: 2 }), waves, regression],
    ['a head of any ways, behind batch norm', () => imaml(mlp([2, 4, 3], { ...smooth, norm: 'batch' }), { lambda: 2 }), points, classification],
    ['a shared body, by a head that is held to zero', () => ridge(cavia(mlp([1 + 2, 4, 1], smooth), { contextSize: 2 })), waves, regression],
  ] as const)('%s', (_name, make, sample, { loss }) =>
    tf.tidy(() => {
      const batch = sample();
      const options = { ...inner, steps: 40, learningRate: 0.15, loss };
      const found = gradientOf(implicit({ conjugateSteps: 12 }), make(), batch, options);
      const expected = gradientOf(unrolled(), make(), batch, options);
      expect(found.loss).toBeCloseTo(expected.loss, 5);
      expect(error(found.gradients, expected.gradients)).toBeLessThan(1e-3);
      const firstOrder = gradientOf(unrolled(), make(), batch, { ...options, order: 'first' });
      expect(error(firstOrder.gradients, expected.gradients)).toBeGreaterThan(0.01);
    }));
});

describe('conjugate gradients', () => {
  const solve = (diagonals: readonly (readonly number[])[], b: readonly (readonly number[])[], steps: number) =>
    tf.tidy(() => {
      const matrix = tf.tensor(diagonals.map((row) => [...row]));
      return numbers(conjugateGradients(({ x }) => ({ x: tf.mul(x!, matrix) }), { x: tf.tensor(b.map((row) => [...row])) }, steps)['x']!);
    });

  test('solve a system for each task', () =>
    expect(solve([[1, 2, 4], [3, 3, 3]], [[1, 1, 1], [6, 3, 0]], 3)).toEqual([1, 0.5, 0.25, 2, 1, 0].map((value) => expect.closeTo(value, 5) as number)));

  test('stay where they are once there is nothing left, or nothing at all', () =>
    expect(solve([[2, 2], [2, 2]], [[2, 4], [0, 0]], 5)).toEqual([1, 2, 0, 0]));

  test('stop where the matrix is not positive along the way', () =>
    expect(solve([[-1, -1], [4, 1]], [[1e5, 2e5], [4, 1]], 4)).toEqual([0, 0, expect.closeTo(1, 5), expect.closeTo(1, 5)]));
});

describe('refusals', () => {
  const waves = sinusoids({ shots: 4 });
  const refusal = (learner: Learner, steps = 1) => () =>
    tf.tidy(() => gradientOf(implicit(), learner, sampleBatch(waves, 'refusals', 0, 2), { ...inner, steps, learningRate: 0.01 }));
  const held = 'implicit: expected a learner whose inner loss holds it to its start, such as imaml(base, { lambda: 2 }), got the';

  test('a learner that nothing holds to its start', () => {
    expect(refusal(maml(mlp([1, 4, 1])))).toThrow(`${held} MAML learner.`);
    expect(refusal(learnedRates(imaml(mlp([1, 4, 1]), { lambda: 1 }), { steps: 1 }))).toThrow(
      `${held} iMAML with learned rates learner, whose meta-parameter 'rate/step' would never be trained; use unrolled().`,
    );
    const free: Learner = { ...anil(mlp([1, 4, 1])), innerLoss: (_meta, _at, loss) => loss };
    expect(refusal(free)).toThrow(`${held} ANIL learner, whose meta-parameter 'base/dense2/kernel' would never be trained`);
  });

  test('numbers out of range', () => {
    expect(() => implicit({ conjugateSteps: 0 })).toThrow('implicit: conjugateSteps: expected a whole number of at least 1, got 0.');
    expect(() => implicit({ damping: -1 })).toThrow('implicit: damping: expected a finite number of at least 0, got -1.');
    expect(() => imaml(mlp([1, 1]), { lambda: 0 })).toThrow('imaml: lambda: expected a finite number above 0, got 0.');
    expect(refusal(imaml(mlp([1, 4, 1]), { lambda: 1 }), 0)).toThrow('implicit: innerSteps: expected a whole number of at least 1, got 0.');
  });
});

test('sine waves are learned, compiled', async () => {
  const trainer = await metaTrainer(imaml(mlp([1, 40, 40, 1], { activation: 'tanh' }), { lambda: 0.5 }), sinusoids({ shots: 10 }), {
    metaGradient: implicit(),
    innerSteps: 16,
    innerLearningRate: 0.002,
    outerLearningRate: 0.002,
    runtime: 'onnxruntime-node',
    seed: 'reptile',
  });
  const mse = async () => (await trainer.evaluate({ episodes: 100, steps: [16] })).scores[0]!.mean;
  const before = await mse();
  for await (const { gradientNorm } of trainer.train({ steps: 150 })) expect(gradientNorm).toBeGreaterThan(0);
  expect(await mse()).toBeLessThan(before * 0.7);
  trainer.dispose();
});
