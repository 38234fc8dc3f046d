import { describe, expect, test } from 'vitest';
import { hostFloats } from '../../src/core/host-tensor';
import { mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { ExampleArrays, TaskSource } from '../../src/core/task';
import { attentionEncoder } from '../../src/embeddings/attention-encoder';
import { conditionEmbedding } from '../../src/embeddings/condition-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { kernelHypernetwork } from '../../src/hypernets/kernel-hypernetwork';
import { layerwiseHypernetwork } from '../../src/hypernets/layerwise-hypernetwork';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { tokenHypernetwork } from '../../src/hypernets/token-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { activation } from '../../src/nn/activation';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { globalAveragePool } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { adam } from '../../src/optim/adam';
import { classification } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { scoresAround } from '../helpers/learning';

const plain = sinusoids({ shots: 8, amplitude: [1, 2], phase: [0, 1], x: [-2, 2] });

/** Sine waves, also described by amplitude − 1 and phase, both in [0, 1]. */
const waves: TaskSource = {
  ...plain,
  conditionSize: 2,
  sample(seed, index) {
    const episode = plain.sample(seed, index);
    const { amplitude, phase } = episode.about as { amplitude: number; phase: number }; // as sinusoids says
    return { ...episode, condition: Float32Array.of(amplitude - 1, phase) };
  },
};

const base = mlp([1, 20, 20, 1]);
const embeddingSize = 4;
const start = setEncoder({ size: embeddingSize, inputShape: [1], targetShape: [1], hidden: [32, 32] });
const attending = attentionEncoder({ size: embeddingSize, inputShape: [1], targetShape: [1], width: 16 });
const described = conditionEmbedding({ conditionSize: 2, bounds: [0, 1] });
const random = mapRecord(base.specs, ({ shape, init }, name) => hostFloats(init(createRng(name), shape), [1, ...shape]));
const adapters = residualHypernetwork(lowRankHypernetwork({ embeddingSize, rank: 2 }), { weights: random, base: 'frozen' });

describe('generated without an inner step, sine waves are predicted with a tenth of the error at the start', () => {
  test.each([
    ['layer by layer', hyperLearner(base, layerwiseHypernetwork({ embeddingSize }), { start, adapt: 'nothing' })],
    ['by tokens', hyperLearner(base, tokenHypernetwork({ embeddingSize, tokenSize: 16 }), { start, adapt: 'nothing' })],
    ['as adapters of a random network that stays as it is', hyperLearner(base, adapters, { start, adapt: 'nothing' })],
    ['from examples that attend to each other', hyperLearner(base, fullHypernetwork({ embeddingSize }), { start: attending, adapt: 'nothing' })],
    ['from a bounded description', hyperLearner(base, fullHypernetwork({ embeddingSize: 4 }), { start: described, adapt: 'nothing' })],
  ])('%s', async (_name, learner) => {
    const { before, after } = await scoresAround(learner, waves, { steps: 400, innerSteps: 0, outerLearningRate: 0.003, outerOptimizer: adam() });
    expect(after).toBeLessThan(0.1 * before);
  });
});

/** One task for ever: stripes that lie, or stand, somewhere. */
const stripes: TaskSource = {
  inputShape: [8, 8, 1],
  targetShape: [2],
  objective: classification,
  sample(seed, index) {
    const rng = createRng(`${seed} ${index}`);
    const draw = (count: number): ExampleArrays => {
      const pictures = Array.from({ length: count }, (_, example) => {
        const offset = rng.integer(4);
        return Array.from({ length: 64 }, (_, at) => Number(((example % 2 ? at % 8 : Math.floor(at / 8)) + offset) % 4 < 2) + 0.3 * rng.normal());
      });
      const y = Float32Array.from(pictures.flatMap((_, example) => (example % 2 ? [0, 1] : [1, 0])));
      return { x: Float32Array.from(pictures.flat()), y, count };
    };
    return { support: draw(2), query: draw(8) };
  },
};

test('a static hypernetwork is learned as an ordinary network is: lying stripes from standing ones', async () => {
  const layers = [conv2d(8, 3), activation('relu'), conv2d(8, 3), activation('relu'), globalAveragePool(), dense(2)];
  const learner = hyperLearner(sequential([8, 8, 1], layers), kernelHypernetwork({ embeddingSize: 4, basicChannels: 4 }), {
    generates: (name) => name.endsWith('/kernel') && name.startsWith('conv'),
    adapt: 'nothing',
  });
  const { before, after } = await scoresAround(learner, stripes, { steps: 150, innerSteps: 0, outerLearningRate: 0.005 });
  expect(before).toBeLessThan(0.7);
  expect(after).toBeGreaterThan(0.95);
});
