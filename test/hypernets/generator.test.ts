import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { generator, secondMoments, type TrunkActivation } from '../../src/hypernets/generator';
import { activation } from '../../src/nn/activation';

const names = Object.keys(secondMoments) as TrunkActivation[];
const one = { value: { shape: [], mean: 0, deviation: 1 } };

test.each(names)('the second moment of %s under a normal of variance 2 is the integral', (name) => {
  const t = tf.linspace(-8, 8, 4001);
  const density = tf.div(tf.exp(tf.neg(tf.div(tf.square(t), 4))), Math.sqrt(4 * Math.PI));
  const output = activation(name).build([4001]).apply({}, t);
  expect(tf.mul(tf.sum(tf.mul(tf.square(output), density)), 16 / 4000).dataSync()[0]).toBeCloseTo(secondMoments[name], 2);
});

test.each(names)('a trunk of %s keeps generated values at their spread', (name) => {
  const { specs, apply } = generator(32, one, { hidden: [128, 128], activation: name, embeddingSecondMoment: 4 });
  const rng = createRng(name);
  const squares = Array.from({ length: 25 }, (_, seed) =>
    tf.tidy(() => {
      const embedding = tf.tensor(Float32Array.from({ length: 20 * 32 }, () => 2 * rng.normal()), [1, 20, 32]);
      const { value } = apply(initParams(specs, rng.fork(`${seed}`)), embedding);
      return tf.mean(tf.square(value!)).dataSync()[0]!;
    }),
  );
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  expect(mean).toBeGreaterThan(0.5);
  expect(mean).toBeLessThan(2);
});

test('an embedding of zeros still generates weights, of half the variance', () => {
  const { specs, apply } = generator(8, one, { hidden: [64, 64] });
  const squares = Array.from({ length: 200 }, (_, seed) =>
    tf.tidy(() => apply(initParams(specs, createRng(`zeros ${seed}`)), tf.zeros([1, 1, 8]))['value']!.dataSync()[0]! ** 2),
  );
  const variance = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  expect(Math.abs(variance - 0.5)).toBeLessThan(0.15);
});

test('rejects sizes that are no counts, and a second moment of zero', () => {
  const target = { bias: { shape: [3], role: 'bias', fanIn: 1, init: () => new Float32Array(3) } } as const;
  const build = (options: object) => () => fullHypernetwork({ embeddingSize: 4, ...options }).build(target);
  expect(build({ hidden: [8, 0] })).toThrow('hypernetwork: hidden: expected a whole number of at least 1, got 0.');
  expect(build({ embeddingSize: 0 })).toThrow('fullHypernetwork: embeddingSize: expected a whole number of at least 1, got 0.');
  expect(build({ embeddingSecondMoment: 0 })).toThrow('hypernetwork: embeddingSecondMoment: expected a finite number above 0, got 0.');
});
