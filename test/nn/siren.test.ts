import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import { initParams } from '../../src/core/params';
import { sine } from '../../src/nn/sine';
import { siren } from '../../src/nn/siren';
import { testNetwork } from '../contracts/network';

testNetwork('siren', () => siren([2, 4, 4, 1], { omega: 2 }));

test('sin(ω (x · kernel + bias))', () =>
  tf.tidy(() => {
    const params = { kernel: tf.tensor3d([[[0.5]]]), bias: tf.tensor2d([[0.25]]) };
    expect(sine(1, { omega: Math.PI }).build([1]).apply(params, tf.tensor3d([[[0.5]]])).dataSync()[0]).toBeCloseTo(1, 5);
  }));

test('kernels start within the limits of the paper', () =>
  tf.tidy(() => {
    const params = initParams(siren([2, 50, 50, 1]).specs, createRng('siren'));
    const largest = (name: string) => tf.max(tf.abs(params[name]!)).dataSync()[0]!;
    const limits = { 'sine1/kernel': 1 / 2, 'sine2/kernel': Math.sqrt(6 / 50) / 30, 'dense1/kernel': Math.sqrt(6 / 50) / 30 };
    for (const [name, limit] of Object.entries(limits)) {
      expect(largest(name)).toBeLessThanOrEqual(limit);
      expect(largest(name)).toBeGreaterThan(0.8 * limit);
    }
  }));

test('after sine layers, activations have variance 1/2', () =>
  tf.tidy(() => {
    const layers = siren([1, 256, 256, 256, 1]);
    const params = initParams(layers.specs, createRng('siren'));
    const features = layers.head!.features(params, tf.reshape(tf.linspace(-1, 1, 200), [1, 200, 1]));
    expect(tf.moments(features).variance.dataSync()[0]).toBeCloseTo(0.5, 1);
  }));

test('refuses fewer than three sizes', () => expect(() => siren([2, 3])).toThrow('siren: expected at least 3 sizes, got 2.'));
