import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { seededNoise } from '../../src/core/noise';
import { boxMeans } from '../../src/embeddings/box-means';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperDetector } from '../../src/learners/hyper-detector';
import { maml } from '../../src/learners/maml';
import { activation } from '../../src/nn/activation';
import { gridDetector } from '../../src/nn/grid-detector';
import { encodeBoxes, gridOn } from '../../src/tasks/box-targets';
import { characterScenes } from '../../src/tasks/character-scenes';
import { disposeBatch, sampleBatch } from '../../src/tasks/stack-episodes';
import { testLearner } from '../contracts/learner';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const squares = { inputShape: [6, 6, 1], classes: ['a', 'b'].map((name, index) => ({ name, examples: new Uint8Array(72).fill(100 + 100 * index) })) };
const source = characterScenes(squares, { size: 4, stride: 2, sides: [2, 3], characters: [1, 2], queryScenes: 2, shots: 2 });
const base = () => gridDetector({ inputShape: [4, 4, 1], strided: [2], deep: [3], activation: 'softplus', norm: () => activation('linear') });
const head = () => fullHypernetwork({ embeddingSize: 3, hidden: [2], activation: 'tanh' });

for (const adapt of isFull ? (['weights', 'both', 'all', 'nothing'] as const) : (['weights'] as const))
  testLearner(`hyperDetector adapting ${adapt}`, () => ({ learner: hyperDetector(base(), { head: head(), adapt }), source, learningRate: 0.01 }));
if (isFull)
  testLearner('maml of a part of the weights', () => ({
    learner: maml(base(), { head: 'columns', adapts: (name) => name.startsWith('head/') }),
    source,
    learningRate: 0.01,
  }));

describe('hyperDetector', () => {
  test('generates one column of the head from the mean feature of the annotated boxes; the rest is shared', () => {
    const learner = hyperDetector(base(), { head: head() });
    const meta = initParams(learner.specs, createRng('meta'));
    const batch = sampleBatch(source, 'shapes', 0, 3);
    tf.tidy(() => {
      const state = learner.start(meta, { ...batch, noise: seededNoise(createRng('none')) });
      const weights = learner.weights(meta, state);
      expect(weights['head/kernel']!.shape).toEqual([3, 3, 1]);
      expect(weights['strided1/kernel']!.shape[0]).toBe(1);
      expect(Object.keys(weights).sort()).toEqual(Object.keys(base().specs).sort());
    });
    disposeBatch(batch);
    Object.values(meta).forEach((value) => value.dispose());
  });

  test('maml changes the part of the weights that it is told to, and shares the others', () => {
    const learner = maml(base(), { head: 'columns', adapts: (name) => name.startsWith('head/') });
    tf.tidy(() => {
      const meta = initParams(learner.specs, createRng('meta'));
      const support = { x: tf.zeros([2, 1, 4, 4, 1]), y: tf.zeros([2, 1, 2, 2, 6]), weight: tf.ones([2, 1]) };
      const state = learner.start(meta, { support, noise: seededNoise(createRng('none')) });
      expect(Object.keys(state).sort()).toEqual(['head/bias', 'head/kernel']);
      const weights = learner.weights(meta, state);
      expect([weights['head/kernel']!.shape[0], weights['deep1/kernel']!.shape[0]]).toEqual([2, 1]);
    });
  });

  test('refuses a family for embeddings of another size', () =>
    expect(() => hyperDetector(base(), { head: fullHypernetwork({ embeddingSize: 4 }) })).toThrow(
      'hyperDetector: head: expected a family for embeddings of 3 values, as many as features, got one for 4.',
    ));
});

describe('boxMeans', () => {
  const grid = gridOn([8, 8, 1], 4);

  test('by hand: each box counts alike, however many cells answer for it; padding does not count', () =>
    tf.tidy(() => {
      const features = tf.tensor([1, 2, 3, 4, 10, 10, 10, 10, 50, 50, 50, 50], [1, 3, 2, 2, 1]);
      const scenes = [[[0, 0, 4, 4]], [[0, 0, 8, 8]], [[0, 0, 8, 8]]] as const; // one cell, four cells, padding
      const y = tf.tensor(scenes.flatMap(([box]) => Array.from(encodeBoxes(grid, [{ box, label: 0 }]))), [1, 3, 2, 2, 6]);
      const { means, counts } = boxMeans(features, { y, weight: tf.tensor([[1, 1, 0]]) }, 2);
      expect(Array.from(means.dataSync())).toEqual([5.5, 0]); // (1 + 10) / 2, and a class without a box
      expect(Array.from(counts.dataSync())).toEqual([2, 0]);
    }));

  test('leaks nothing', () =>
    expectNoLeak(() => {
      const [features, y, weight] = [tf.zeros([1, 1, 2, 2, 3]), tf.zeros([1, 1, 2, 2, 6]), tf.ones([1, 1])];
      const { means, counts } = boxMeans(features, { y, weight }, 1);
      for (const value of [means, counts, features, y, weight]) value.dispose();
    }));
});
