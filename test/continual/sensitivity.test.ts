import { expect, test } from 'vitest';
import { readContinualOptions } from '../../src/continual/options';
import { sensitivity } from '../../src/continual/sensitivity';
import { copyToHost, toTensor, type HostParams } from '../../src/core/host-tensor';
import { disposeParams, initParams, mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { Network } from '../../src/core/network';
import { plainLearner } from '../../src/learners/plain-learner';
import { mlp } from '../../src/nn/mlp';
import * as tf from '@tensorflow/tfjs';

const open = (base: Network) => sensitivity(readContinualOptions(plainLearner(base), {}, undefined));
const rngOf = () => createRng('signs');

function startOf(base: Network): HostParams {
  const params = initParams(base.specs, createRng('start'));
  const host = copyToHost(params);
  disposeParams(params);
  return host;
}

test('of a linear layer it is the mean square of the inputs, for the columns of the task alone', async () => {
  const base = mlp([2, 3]);
  const measuring = open(base);
  const x = Float32Array.from({ length: 40 }, (_, index) => index / 10 - 1); // 20 examples: more than one batch of derivatives
  const meanSquare = (column: number) => Array.from({ length: 20 }, (_, row) => x[2 * row + column]! ** 2).reduce((sum, value) => sum + value / 20, 0);
  const found = await measuring.of(startOf(base), { x, y: new Float32Array(60), count: 20 }, { count: 500, outputs: [0, 2], rng: rngOf() });
  const [one, other] = [meanSquare(0), meanSquare(1)];
  const expected = [one, 0, one, other, 0, other];
  found['dense1/kernel']!.values.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
  expect([...found['dense1/bias']!.values]).toEqual([1, 0, 1].map((value) => expect.closeTo(value, 5)));
  await measuring.dispose();
});

test('is what finite differences give, where values have one output', async () => {
  const base = mlp([2, 3, 1], { activation: 'tanh' });
  const weights = startOf(base);
  const measuring = open(base);
  const found = await measuring.of(weights, { x: Float32Array.of(0.5, -1), y: Float32Array.of(0), count: 1 }, { count: 1, outputs: [], rng: rngOf() });
  const output = (name: string, index: number, change: number) =>
    tf.tidy(() => {
      const moved = mapRecord(weights, (value, entry) => toTensor(entry === name ? { ...value, values: value.values.map((each, i) => (i === index ? each + change : each)) } : value));
      return base.apply(moved, tf.tensor([[[0.5, -1]]])).dataSync()[0]!;
    });
  for (const name of ['dense1/kernel', 'dense2/bias'])
    found[name]!.values.forEach((value, index) => {
      const slope = (output(name, index, 0.01) - output(name, index, -0.01)) / 0.02;
      expect(value).toBeCloseTo(slope ** 2, 3);
    });
  await measuring.dispose();
});
