import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { createRng } from '../../src/core/rng';
import { maml } from '../../src/learners/maml';
import type { InnerOptions } from '../../src/meta/inner-loop';
import { metaStep, startMetaState, type MetaStepOptions } from '../../src/meta/meta-step';
import { outerSteps } from '../../src/meta/outer-steps';
import { unrolled } from '../../src/meta/unrolled';
import { dense } from '../../src/nn/dense';
import { dropout } from '../../src/nn/dropout';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { adam } from '../../src/optim/adam';
import { momentum } from '../../src/optim/momentum';
import { sgd } from '../../src/optim/sgd';
import { regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleBatch, sampleOnHost } from '../../src/tasks/stack-episodes';
import { expectAlike } from '../helpers/close';
import { expectNoLeak } from '../helpers/leaks';

const source = sinusoids({ shots: 4 });
const inner: InnerOptions = { steps: 1, learningRate: 0.01, optimizer: sgd(), order: 'second', loss: regression.loss };
const learningRate = 0.005;
const noiseOf = (step: number) => createRng(`noise ${step}`);

const learners = {
  plain: maml(mlp([1, 4, 1])),
  'with running statistics': maml(mlp([1, 4, 1], { norm: 'batch', statistics: 'running' })),
  'with dropout': maml(sequential([1], [dense(4), dropout(0.5), dense(1)])),
};

/** Loss and norm of each of 3 steps, then the meta-parameters: every step a function of tensors, run as it is. */
function eagerly(learner: (typeof learners)['plain'], options: Omit<MetaStepOptions, 'learningRate'>): readonly number[] {
  return tf.tidy(() => {
    let state = startMetaState(learner, options.optimizer, createRng('state'));
    const seen: number[] = [];
    for (let step = 0; step < 3; step++) {
      const batch = sampleBatch(source, 'steps', 2 * step, 2);
      const next = metaStep(learner, state, batch, seededNoise(noiseOf(step)), { ...options, learningRate });
      seen.push(...next.metrics.dataSync());
      state = next.state;
    }
    return { values: [...seen, ...Object.keys(learner.specs).flatMap((name) => [...state.meta[name]!.dataSync()])] };
  }).values;
}

async function onHost(learner: (typeof learners)['plain'], options: Omit<MetaStepOptions, 'learningRate'>): Promise<readonly number[]> {
  const outer = outerSteps(learner, options, createRng('state'));
  const seen: number[] = [];
  for (let step = 0; step < 3; step++) {
    const { loss, gradientNorm } = await outer.take(sampleOnHost(source, 'steps', 2 * step, 2), { step, learningRate }, noiseOf(step));
    seen.push(loss, gradientNorm);
  }
  await outer.dispose();
  return [...seen, ...Object.keys(learner.specs).flatMap((name) => [...outer.meta[name]!.values])];
}

describe.each(Object.entries(learners))('outer steps on a learner %s', (_name, learner) => {
  test.each([
    ['sgd', sgd(), {}],
    ['momentum, clipped by norm', momentum(), { clip: { by: 'norm', limit: 0.1 } as const }],
    ['Adam, clipped by value', adam(), { clip: { by: 'value', limit: 0.1 } as const }],
  ])('are those of the meta-step: %s', async (_how, optimizer, rest) => {
    const options = { metaGradient: unrolled(), optimizer, inner, ...rest };
    const expected = eagerly(learner, options);
    const found = await onHost(learner, options);
    expectAlike(found, expected);
  });
});

test('meta-parameters that were handed out stay as they are', () =>
  expectNoLeak(async () => {
    const outer = outerSteps(learners.plain, { metaGradient: unrolled(), optimizer: adam(), inner }, createRng('state'));
    const before = outer.meta;
    const copy = structuredClone(before);
    await outer.take(sampleOnHost(source, 'steps', 0, 2), { step: 0, learningRate }, noiseOf(0));
    expect(before).toEqual(copy);
    expect(outer.meta).not.toEqual(copy);
    await outer.dispose();
  }));

test('meta-parameters that are read while an optimizer of the user is at work are those before or after, and then those after', async () => {
  const { updateInPlace: _left, ...optimizer } = momentum(); // its update is compiled, and waited for
  const options = { optimizer, metaGradient: unrolled(), inner };
  const name = 'base/dense1/kernel';
  const outer = outerSteps(learners.plain, options, createRng('state'));
  for (let step = 0; step < 3; step++) {
    const before = [...outer.meta[name]!.values];
    const seen: number[][] = [];
    let isDone = false;
    const taken = outer.take(sampleOnHost(source, 'steps', 2 * step, 2), { step, learningRate }, noiseOf(step)).finally(() => (isDone = true));
    while (!isDone) {
      seen.push([...outer.meta[name]!.values]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await taken;
    const after = [...outer.meta[name]!.values];
    expect(after).not.toEqual(before);
    for (const values of seen) expect([before, after]).toContainEqual(values);
  }
  await outer.dispose();
});

test('a step in several runs draws the same noise on any number of threads, whatever is compiled before', async () => {
  const learner = maml(sequential([1], [dense(600), dropout(0.5), dense(600), dense(1)])); // two runs of two tasks
  const waves = (shorter: number) => ({
    ...source,
    sample(seed: string, index: number) {
      const episode = source.sample(seed, index);
      const { x, y, count } = episode.support;
      return index === shorter ? { ...episode, support: { x: x.slice(1), y: y.slice(1), count: count - 1 } } : episode;
    },
  });
  const lossOn = async (threads: number, before: readonly number[]) => {
    const outer = outerSteps(learner, { metaGradient: unrolled(), optimizer: sgd(), inner: { ...inner, order: 'first' }, threads }, createRng('state'));
    for (const shorter of before) await outer.take(sampleOnHost(waves(shorter), 'before', 0, 4), { step: 0, learningRate: 0 }, noiseOf(0));
    const { loss } = await outer.take(sampleOnHost(waves(0), 'steps', 0, 4), { step: 0, learningRate }, noiseOf(1)); // the first run is padded
    await outer.dispose();
    return loss;
  };
  const expected = await lossOn(1, []);
  expect([await lossOn(2, []), await lossOn(2, [9]), await lossOn(2, [0])]).toEqual([expected, expected, expected]);
});

test('the norm of gradients that leave a program one after another is that of each alone', async () => {
  const learner = maml(mlp([1, 301, 301, 1])); // 301: no whole number of vectors
  const options = { metaGradient: unrolled(), optimizer: sgd(), inner: { ...inner, order: 'first' as const } };
  const { expected } = tf.tidy(() => {
    const batch = sampleBatch(source, 'steps', 0, 2);
    const { metrics } = metaStep(learner, startMetaState(learner, sgd(), createRng('state')), batch, seededNoise(noiseOf(0)), { ...options, learningRate });
    return { expected: [...metrics.dataSync()] };
  });
  const outer = outerSteps(learner, options, createRng('state'));
  const { loss, gradientNorm } = await outer.take(sampleOnHost(source, 'steps', 0, 2), { step: 0, learningRate }, noiseOf(0));
  await outer.dispose();
  expectAlike([loss, gradientNorm], expected);
});
