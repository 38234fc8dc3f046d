import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { fourierFeatures } from '../../src/nn/fourier-features';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('fourierFeatures', () => sequential([2], [fourierFeatures(3, { scale: 0.3 }), dense(2)]));
testNetwork('fourierFeatures beside a context', () =>
  sequential([3], [fourierFeatures(2, { scale: 0.3, coordinates: 2 }), dense(3), activation('tanh')]),
);

const featuresOf = (x: tf.Tensor, layer = fourierFeatures(4)) => layer.build([x.shape.at(-1)!]).apply({}, x);

test('√2 cos 2πBv and √2 sin 2πBv: cosines of the same angles as the sines', () =>
  tf.tidy(() => {
    const [cosines, sines] = tf.split(featuresOf(tf.tensor3d([[[0.3, -0.7]]])), 2, 2) as [tf.Tensor, tf.Tensor];
    tf.add(tf.square(cosines), tf.square(sines)).dataSync().forEach((sum) => expect(sum).toBeCloseTo(2, 5));
    const doubled = tf.split(featuresOf(tf.tensor3d([[[0.6, -1.4]]])), 2, 2)[1]!;
    const expected = tf.mul(tf.mul(cosines, sines), Math.SQRT2).dataSync(); // sin 2α = 2 sin α cos α
    doubled.dataSync().forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
  }));

test('at the middle, cosines are √2 and sines 0', () =>
  tf.tidy(() => {
    expect([...featuresOf(tf.zeros([1, 1, 2]), fourierFeatures(1)).dataSync()]).toEqual([Math.fround(Math.SQRT2), 0]);
  }));

test('frequencies have the deviation asked for, and come from the seed', () =>
  tf.tidy(() => {
    const step = 1e-4; // sin α ≈ α
    const slopes = (seed: string, scale: number) => {
      const sines = tf.split(featuresOf(tf.fill([1, 1, 1], step), fourierFeatures(2000, { scale, seed })), 2, 2)[1]!;
      return tf.div(sines, 2 * Math.PI * Math.SQRT2 * step);
    };
    const deviation = Math.sqrt(tf.mean(tf.square(slopes('a', 3))).dataSync()[0]!);
    expect(deviation).toBeGreaterThan(2.8);
    expect(deviation).toBeLessThan(3.2);
    expect([...slopes('a', 1).dataSync()]).toEqual([...slopes('a', 1).dataSync()]);
    expect([...slopes('a', 1).dataSync()]).not.toEqual([...slopes('b', 1).dataSync()]);
  }));

test('what is no coordinate passes as it is', () =>
  tf.tidy(() => {
    const features = featuresOf(tf.tensor3d([[[0.1, 0.2, 5, 6]]]), fourierFeatures(3, { coordinates: 2 }));
    expect([...features.dataSync()].slice(6)).toEqual([5, 6]);
    expect(features.shape).toEqual([1, 1, 8]);
  }));

test('has nothing to learn', () => expect(Object.keys(sequential([1], [fourierFeatures(16), dense(1)]).specs)).toEqual(['dense1/kernel', 'dense1/bias']));

test('refuses what it cannot do', () => {
  expect(() => fourierFeatures(0)).toThrow('fourierFeatures: count: expected a whole number of at least 1, got 0.');
  expect(() => fourierFeatures(2, { scale: 0 })).toThrow('fourierFeatures: scale: expected a finite number above 0, got 0.');
  expect(() => fourierFeatures(2, { coordinates: 3 }).build([2])).toThrow('fourierFeatures: expected inputs of one axis with at least 3 values, got shape [2].');
  expect(() => fourierFeatures(2).build([2, 2])).toThrow('fourierFeatures: expected inputs of one axis');
});
