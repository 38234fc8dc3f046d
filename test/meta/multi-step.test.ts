import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { maml } from '../../src/learners/maml';
import { mamlPlusPlus } from '../../src/learners/maml-plus-plus';
import type { InnerOptions } from '../../src/meta/inner-loop';
import { metaStep, startMetaState, type MetaStepOptions } from '../../src/meta/meta-step';
import { outerSteps, type OuterStepsOptions } from '../../src/meta/outer-steps';
import { stepWeights } from '../../src/meta/step-weights';
import { unrolled } from '../../src/meta/unrolled';
import { mlp } from '../../src/nn/mlp';
import { adam } from '../../src/optim/adam';
import { toOrderSchedule } from '../../src/optim/schedule';
import { sgd } from '../../src/optim/sgd';
import { regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleBatch, sampleOnHost } from '../../src/tasks/stack-episodes';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';
import { expectAlike } from '../helpers/close';
import { line, lineTasks } from '../helpers/line';

const source = sinusoids({ shots: 4 });
const inner: InnerOptions = { steps: 2, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: regression.loss };
const slow: InnerOptions = { ...inner, learningRate: 0.01 };
const learningRate = 0.005;
const noiseOf = (step: number) => createRng(`noise ${step}`);

describe('the weights of the steps', () => {
  const weights = stepWeights({ annealedOver: 10 });
  const three = { ...inner, steps: 3 };

  test('go from all alike to the last alone', () => {
    expect(weights(0, three)).toEqual([1 / 3, 1 / 3, expect.closeTo(1 / 3)]);
    expect(weights(4, three)).toEqual([expect.closeTo(0.2), expect.closeTo(0.2), expect.closeTo(0.6)]);
    expect(weights(10, three)).toBeUndefined();
  });

  test('sum to 1 all the way', () => {
    for (let step = 0; step < 10; step++) expect(weights(step, three)!.reduce((sum, weight) => sum + weight)).toBeCloseTo(1);
  });

  test('are none where there is no choice', () => {
    for (const steps of [0, 1]) expect(weights(0, { ...inner, steps })).toBeUndefined();
  });
});

test('the loss by hand: weights ¼ and ¾ on w′² = 1.6² and w″² = 1.28²', () =>
  tf.tidy(() => {
    const learner = maml(line([2]));
    const meta = initParams(learner.specs, createRng('line'));
    const batch = lineTasks({ support: [[[1], 0]], query: [[[1], 0]] });
    const metaGradient = unrolled({ losses: { annealedOver: 4 } });
    const scheduled = tf.tensor([...metaGradient.schedule!(2, inner)!]);
    const { loss, gradients } = metaGradient(learner, meta, batch, seededNoise(noiseOf(0)), inner, scheduled);
    expect(loss.dataSync()[0]).toBeCloseTo(1.6 ** 2 / 4 + (3 * 1.28 ** 2) / 4);
    expect(gradients['base/weight']!.dataSync()[0]).toBeCloseTo((2 * 2 * 0.8 ** 2) / 4 + (3 * 2 * 2 * 0.64 ** 2) / 4);
  }));

/** Losses, norms and meta-parameters of `count` compiled outer steps. */
async function compiled(learner: Learner, options: OuterStepsOptions, count: number): Promise<readonly number[]> {
  const outer = outerSteps(learner, options, createRng('state'));
  const seen: number[] = [];
  for (let step = 0; step < count; step++) {
    const { loss, gradientNorm } = await outer.take(sampleOnHost(source, 'steps', 2 * step, 2), { step, learningRate }, noiseOf(step));
    seen.push(loss, gradientNorm, ...Object.values(outer.meta).flatMap(({ values }) => [...values]));
  }
  await outer.dispose();
  return seen;
}

/** The same as functions of tensors, run as they are. */
function eager(learner: Learner, optionsAt: (step: number) => Omit<MetaStepOptions, 'learningRate'>, count: number): readonly number[] {
  return tf.tidy(() => {
    let state = startMetaState(learner, adam(), createRng('state'));
    const seen: number[] = [];
    for (let step = 0; step < count; step++) {
      const batch = sampleBatch(source, 'steps', 2 * step, 2);
      const next = metaStep(learner, state, batch, seededNoise(noiseOf(step)), { ...optionsAt(step), step, learningRate });
      state = next.state;
      seen.push(...next.metrics.dataSync(), ...Object.keys(learner.specs).flatMap((name) => [...state.meta[name]!.dataSync()]));
    }
    return { seen };
  }).seen;
}

describe('what varies with the outer step comes in from outside', () => {
  const learner = mamlPlusPlus(mlp([1, 4, 1], { activation: 'tanh' }), { steps: 2 });
  const annealed = { metaGradient: unrolled({ losses: { annealedOver: 3 } }), optimizer: adam(), inner: slow };

  test('annealed losses: 5 compiled steps are those of the meta-step', async () =>
    expectAlike(await compiled(learner, { ...annealed, runtime: 'onnxruntime-node' }, 5), eager(learner, () => annealed, 5)));

  test('they differ from equal weights, and from the last step alone', async () => {
    const [found, ...others] = await Promise.all(
      [annealed.metaGradient, unrolled({ losses: 'every' }), unrolled()].map((metaGradient) => compiled(learner, { ...annealed, metaGradient }, 2)),
    );
    expectAlike(found!.slice(0, 2), others[0]!.slice(0, 2)); // the first step has equal weights
    for (const other of others) expect(found!.at(-1)).not.toBe(other.at(-1));
  });

  test('once annealed, they are the last step alone to the bit', async () => {
    const options = { optimizer: adam(), inner: slow };
    const outers = [unrolled({ losses: { annealedOver: 3 } }), unrolled()].map((metaGradient) => outerSteps(learner, { ...options, metaGradient }, createRng('state')));
    const metrics = await Promise.all(outers.map((outer) => outer.take(sampleOnHost(source, 'steps', 0, 2), { step: 3, learningRate }, noiseOf(0))));
    expect(metrics[0]).toEqual(metrics[1]);
    expect(outers[0]!.meta).toEqual(outers[1]!.meta);
    await Promise.all(outers.map((outer) => outer.dispose()));
  });

  test('an annealed order: first order for 2 steps, then second', async () => {
    const order = toOrderSchedule('order', { firstFor: 2 });
    const options = { metaGradient: unrolled(), optimizer: adam(), inner: slow };
    const found = await compiled(learner, { ...options, order, runtime: 'onnxruntime-node' }, 4);
    const orders = ['first', 'first', 'second', 'second'] as const;
    expectAlike(found, eager(learner, (step) => ({ ...options, inner: { ...slow, order: orders[step]! } }), 4));
  });
});

describe('the trainer', () => {
  const base = () => maml(mlp([1, 8, 1]));
  const events = async (options: MetaTrainerOptions) => {
    const trainer = await metaTrainer(base(), source, { metaBatchSize: 2, innerSteps: 2, ...options });
    const seen: number[][] = [];
    for await (const { queryLoss, gradientNorm } of trainer.train({ steps: 4 })) seen.push([queryLoss, gradientNorm]);
    trainer.dispose();
    return seen;
  };

  test('takes first-order steps for as long as it is told, then second-order ones', async () => {
    const [annealed, first, second] = [await events({ order: { firstFor: 2 } }), await events({ order: 'first' }), await events({})];
    expect(annealed.slice(0, 2)).toEqual(first.slice(0, 2));
    expect(annealed[2]![0]).toEqual(first[2]![0]); // the loss is that of the meta-parameters before the step
    expect(annealed[2]![1]).not.toEqual(first[2]![1]);
    expect(annealed[0]).not.toEqual(second[0]);
  });

  test('goes on where it was: a schedule counts all calls of train', async () => {
    const whole = await events({ metaGradient: unrolled({ losses: { annealedOver: 3 } }) });
    const trainer = await metaTrainer(base(), source, { metaBatchSize: 2, innerSteps: 2, metaGradient: unrolled({ losses: { annealedOver: 3 } }) });
    const parts: number[][] = [];
    for (let call = 0; call < 2; call++) for await (const { queryLoss, gradientNorm } of trainer.train({ steps: 2 })) parts.push([queryLoss, gradientNorm]);
    trainer.dispose();
    expect(parts).toEqual(whole);
  });

  test('refuses counts that are none', async () => {
    expect(() => unrolled({ losses: { annealedOver: 0 } })).toThrow('unrolled: losses.annealedOver: expected a whole number of at least 1, got 0.');
    await expect(metaTrainer(base(), source, { order: { firstFor: 1.5 } })).rejects.toThrow('metaTrainer: order.firstFor: expected a whole number of at least 1, got 1.5.');
  });
});

test('MAML++ as in its paper learns sine waves', async () => {
  const trainer = await metaTrainer(mamlPlusPlus(mlp([1, 40, 40, 1]), { steps: 3 }), sinusoids({ shots: 10 }), {
    innerSteps: 3,
    innerLearningRate: 0.005,
    outerLearningRate: 0.002,
    metaGradient: unrolled({ losses: { annealedOver: 200 } }),
    order: { firstFor: 100 },
    runtime: 'onnxruntime-node',
    seed: 'plus',
  });
  for await (const { queryLoss } of trainer.train({ steps: 500 })) expect(queryLoss).toBeGreaterThan(0);
  const rates = Array.from(trainer.meta['rate/dense1']!.dataSync());
  expect(new Set(rates).size).toBe(3); // each step has learned one of its own
  const { scores } = await trainer.evaluate({ episodes: 100, steps: [0, 3] });
  expect(scores[1]!.mean).toBeLessThan(0.75 * scores[0]!.mean);
  trainer.dispose();
});
