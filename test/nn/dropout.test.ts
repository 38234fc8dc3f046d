import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { createRng } from '../../src/core/rng';
import { dropout } from '../../src/nn/dropout';
import { sequential } from '../../src/nn/sequential';
import { expectNoLeak } from '../helpers/leaks';
import { testNetwork } from '../contracts/network';

testNetwork('dropout without noise', () => sequential([3], [dropout(0.5)]));

const network = sequential([1000], [dropout(0.25)]);
const drop = (seed: string) =>
  tf.tidy(() => [...network.apply({}, tf.ones([1, 1, 1000]), { noise: seededNoise(createRng(seed)) }).dataSync()]);

test('zeroes about a quarter, scales the rest by 4/3, and repeats with its seed', () => {
  const values = drop('one');
  const zeros = values.filter((value) => value === 0).length;
  expect(zeros).toBeGreaterThan(200);
  expect(zeros).toBeLessThan(300);
  for (const value of values) if (value !== 0) expect(value).toBeCloseTo(4 / 3, 5);
  expect(drop('one')).toEqual(values);
  expect(drop('two')).not.toEqual(values);
});

test('leaks no noise', () => expectNoLeak(() => drop('one')));

test('refuses a rate of 1', () => expect(() => dropout(1)).toThrow('dropout: rate: expected a number in [0, 1), got 1.'));
