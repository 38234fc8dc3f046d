import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { countParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { batchNorm } from '../../src/nn/batch-norm';
import { gridDetector } from '../../src/nn/grid-detector';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const small = { inputShape: [2, 2, 1], strided: [], deep: [5], classes: 2, activation: 'softplus' } as const;
testNetwork('gridDetector', () => gridDetector(small), { step: 0.003 });
if (isFull) testNetwork('gridDetector with batch norm', () => gridDetector({ ...small, norm: () => batchNorm() }), { step: 0.003 });

describe('gridDetector', () => {
  const detector = gridDetector({ inputShape: [16, 24, 1], strided: [4, 4], deep: [8] });

  test('has a cell for each 4 × 4 pixels, and weights for any size of image', () => {
    expect(detector.outputShape).toEqual([4, 6, 5]);
    expect(detector.stride).toBe(4);
    const larger = gridDetector({ inputShape: [64, 64, 1], strided: [4, 4], deep: [8] });
    expect(Object.entries(larger.specs).map(([name, { shape }]) => [name, shape])).toEqual(Object.entries(detector.specs).map(([name, { shape }]) => [name, shape]));
    expect(countParams(gridDetector({ inputShape: [64, 64, 1] }).specs)).toBeLessThan(100_000);
  });

  test('starts with scores of about 0.01, so that the background does not drown the rest', () =>
    tf.tidy(() => {
      const params = initParams(detector.specs, createRng('start'));
      const output = detector.apply(params, tf.randomUniform([1, 2, 16, 24, 1], 0, 1, 'float32', 1));
      const score = tf.mean(tf.sigmoid(tf.slice(output, [0, 0, 0, 0, 0], [-1, -1, -1, -1, 1]))).dataSync()[0]!;
      expect(score).toBeGreaterThan(0.008);
      expect(score).toBeLessThan(0.012);
    }));

  test('its class head is linear in features of length √featureSize', () =>
    tf.tidy(() => {
      const params = initParams(detector.specs, createRng('start'));
      const x = tf.randomUniform([1, 2, 16, 24, 1], 0, 1, 'float32', 1);
      const features = detector.features(params, x);
      expect(features.shape).toEqual([1, 2, 4, 6, 8]);
      const squares = tf.sum(tf.square(features), -1).dataSync();
      squares.forEach((square) => expect(square).toBeCloseTo(8, 0));
      const rows = tf.reshape(features, [-1, 8]);
      const logits = tf.add(tf.matMul(rows, tf.squeeze(params['head/kernel']!, [0])), params['head/bias']!).dataSync();
      const output = tf.slice(detector.apply(params, x), [0, 0, 0, 0, 0], [-1, -1, -1, -1, 1]).dataSync();
      logits.forEach((logit, at) => expect(output[at]).toBeCloseTo(logit, 5));
    }));

  test('its features leak nothing', () =>
    expectNoLeak(() => {
      const params = initParams(detector.specs, createRng('start'));
      const x = tf.zeros([1, 1, 16, 24, 1]);
      for (const value of [detector.features(params, x), x, ...Object.values(params)]) value.dispose();
    }));

  test('refuses no layer on the grid, and no class', () => {
    expect(() => gridDetector({ inputShape: [16, 16, 1], deep: [] })).toThrow('gridDetector: deep: number of layers: expected a whole number of at least 1, got 0.');
    expect(() => gridDetector({ inputShape: [16, 16, 1], classes: 0 })).toThrow('gridDetector: classes: expected a whole number of at least 1, got 0.');
  });
});
