import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { HypernetworkFamily } from '../../src/core/hypernetwork';
import { constantInit, heInit, uniformInit } from '../../src/core/initializers';
import { initParams, type ParamSpecs } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { generatedSpread, type HyperInit } from '../../src/hypernets/hyperfan';
import { layerwiseHypernetwork } from '../../src/hypernets/layerwise-hypernetwork';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { tokenHypernetwork } from '../../src/hypernets/token-hypernetwork';
import { depthwiseConv2d, separableConv2d } from '../../src/nn/depthwise-conv2d';
import { embeddingOf } from '../contracts/hypernetwork';
import { isFull } from '../helpers/full';

const embeddingSize = 16;
const hidden = [32];
const seeds = isFull ? 100 : 50;

/** A ReLU network of dense layers. */
function layers(sizes: readonly number[], biases: 'with biases' | 'without biases'): ParamSpecs {
  const specs = sizes.slice(1).flatMap((outputs, index) => {
    const fanIn = sizes[index]!;
    const kernel = { shape: [fanIn, outputs], role: 'kernel', fanIn, init: heInit(fanIn) } as const;
    const bias = { shape: [outputs], role: 'bias', fanIn, init: constantInit(0) } as const;
    const layer = `dense${index + 1}`;
    return [[`${layer}/kernel`, kernel] as const, ...(biases === 'with biases' ? [[`${layer}/bias`, bias] as const] : [])];
  });
  return Object.fromEntries(specs);
}

/** Standard deviation of each generated tensor over so many seeds, a new embedding for each. */
function deviations(family: HypernetworkFamily, target: ParamSpecs, drawn = seeds): Record<string, number> {
  const hypernetwork = family.build(target);
  const totals = Object.fromEntries(Object.keys(target).map((name) => [name, 0]));
  for (let seed = 0; seed < drawn; seed++)
    tf.tidy(() => {
      const params = initParams(hypernetwork.specs, createRng(`hyperfan ${seed}`));
      const weights = hypernetwork.generate(params, embeddingOf(1, embeddingSize, `embedding ${seed}`));
      for (const [name, value] of Object.entries(weights)) totals[name]! += tf.mean(tf.square(value)).dataSync()[0]! / drawn;
    });
  return Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, Math.sqrt(total)]));
}

// Both factors of a low-rank product grow with the same trunk, so its variance is a little above the product of theirs.
const families: [string, number, (init?: HyperInit) => HypernetworkFamily][] = [
  ['fullHypernetwork', 0.1, (init = 'hyperfan-in') => fullHypernetwork({ embeddingSize, hidden, init })],
  ['linear fullHypernetwork', 0.1, (init = 'hyperfan-in') => fullHypernetwork({ embeddingSize, hidden: [], init })],
  ['chunkedHypernetwork', 0.1, (init = 'hyperfan-in') => chunkedHypernetwork({ embeddingSize, hidden, chunkSize: 100, init })],
  ['layerwiseHypernetwork', 0.1, (init = 'hyperfan-in') => layerwiseHypernetwork({ embeddingSize, hidden, init })],
  ['tokenHypernetwork', 0.1, (init = 'hyperfan-in') => tokenHypernetwork({ embeddingSize, columnsPerToken: 5, init })],
  ['lowRankHypernetwork', 0.2, (init = 'hyperfan-in') => lowRankHypernetwork({ embeddingSize, hidden, init })],
];

describe.each(families)('%s starts at the right scale', (_name, tolerance, family) => {
  test(`hyperfan-in: generated weights have standard deviation √(2 / fanIn) over ${seeds} seeds`, () => {
    const found = deviations(family(), layers([20, 30, 15], 'without biases'));
    expectWithin(found['dense1/kernel']! / Math.sqrt(2 / 20), tolerance);
    expectWithin(found['dense2/kernel']! / Math.sqrt(2 / 30), tolerance);
  });

  test('hyperfan-in: half the variance comes from biases where they are generated too', () => {
    const found = deviations(family(), layers([20, 30, 15], 'with biases'));
    expectWithin(found['dense1/kernel']! / Math.sqrt(1 / 20), tolerance);
    expectWithin(found['dense2/kernel']! / Math.sqrt(1 / 30), tolerance);
    expectWithin(found['dense1/bias']!, 0.15);
  });

  test('hyperfan-out: standard deviation √(2 / fanOut)', () => {
    const found = deviations(family('hyperfan-out'), layers([20, 30, 15], 'with biases'));
    expectWithin(found['dense1/kernel']! / Math.sqrt(2 / 30), tolerance);
    expectWithin(found['dense2/kernel']! / Math.sqrt(2 / 15), tolerance);
    expectWithin(found['dense1/bias']! / Math.sqrt(2 * (1 - 20 / 30)), 0.15);
    expect(found['dense2/bias']).toBe(0);
  });

  test('a generator initialized as an ordinary network is off by more than 5 times', () => {
    const found = deviations(family('ordinary'), layers([60, 20], 'without biases'), 5);
    expect(found['dense1/kernel']! / Math.sqrt(2 / 60)).toBeGreaterThan(5);
  });
});

test('residual: the base weights set the scale, with the standard deviation √(2 / fanIn)', () => {
  const family = residualHypernetwork(fullHypernetwork({ embeddingSize, hidden }));
  expectWithin(deviations(family, layers([20, 30], 'with biases'))['dense1/kernel']! / Math.sqrt(2 / 20), 0.1);
});

test.each(['without biases', 'with biases'] as const)('activations keep their second moment through 10 ReLU layers %s', (biases) => {
  const sizes = Array.from({ length: 11 }, () => 30);
  const growth = (init: HyperInit, runs: number) => geometricMean(fullHypernetwork({ embeddingSize: 32, hidden: [], init }), layers(sizes, biases), runs);
  expect(Math.abs(Math.log(growth('hyperfan-in', isFull ? 20 : 10)))).toBeLessThan(Math.log(3));
  expect(growth('ordinary', 3)).toBeGreaterThan(1e5);
});

test('the gain is that of the base network: sine layers and linear layers keep theirs', () => {
  const target: ParamSpecs = { 'sine1/kernel': { shape: [64, 64], role: 'kernel', fanIn: 64, init: uniformInit(Math.sqrt(6 / 64) / 30) } };
  expectWithin(generatedSpread(target, 'hyperfan-in')['sine1/kernel']!.deviation / (Math.sqrt(2 / 64) / 30), 0.03);
});

test('of depthwise kernels an input value takes part in the results of its own channel', () => {
  const { specs } = depthwiseConv2d(3, { multiplier: 2 }).build([8, 8, 4]);
  expectWithin(generatedSpread(specs, 'hyperfan-out')['kernel']!.deviation / Math.sqrt(2 / (9 * 2)), 0.03);
  expectWithin(generatedSpread(specs, 'hyperfan-in')['kernel']!.deviation / Math.sqrt(1 / 9), 0.03); // the bias has the other half
});

test('the bias of a separable convolution shares with the kernel that it follows', () => {
  const { depthwise, pointwise, bias } = generatedSpread(separableConv2d(8).build([8, 8, 4]).specs, 'hyperfan-in');
  expectWithin(depthwise!.deviation / Math.sqrt(1 / 9), 0.03);
  expectWithin(pointwise!.deviation / Math.sqrt(1 / 4), 0.03);
  expectWithin(bias!.deviation, 0.03);
});

test('hyperfan-out counts every output that an input value takes part in', () => {
  const target: ParamSpecs = {
    'conv1/kernel': { shape: [3, 3, 4, 8], role: 'kernel', fanIn: 36, init: heInit(36) },
    'head/kernel': { shape: [16], role: 'kernel', fanIn: 16, init: heInit(16) },
  };
  const spread = generatedSpread(target, 'hyperfan-out');
  expectWithin(spread['conv1/kernel']!.deviation / Math.sqrt(2 / (9 * 8)), 0.03);
  expectWithin(spread['head/kernel']!.deviation / Math.sqrt(2 / 1), 0.03);
});

test('what a base network starts at a constant is generated near it', () => {
  const target: ParamSpecs = {
    'norm1/scale': { shape: [3], role: 'scale', fanIn: 1, init: constantInit(1) },
    'last/kernel': { shape: [25, 3], role: 'kernel', fanIn: 25, init: constantInit(0) },
  };
  const { 'norm1/scale': scale, 'last/kernel': kernel } = generatedSpread(target, 'hyperfan-in');
  expect(scale).toEqual({ mean: 1, deviation: 0.1 });
  expect(kernel!.deviation).toBeCloseTo(0.1 / 5, 6);
});

test('a low-rank hypernetwork keeps what a scale of several axes starts at', () => {
  const target: ParamSpecs = { 'prelu1/slope': { shape: [30, 20], role: 'scale', fanIn: 1, init: constantInit(0.25) } };
  const { specs, generate } = lowRankHypernetwork({ embeddingSize, hidden: [] }).build(target);
  const mean = tf.tidy(() => tf.mean(generate(initParams(specs, createRng('slopes')), embeddingOf(1, embeddingSize, 'slopes'))['prelu1/slope']!).dataSync()[0]!);
  expectWithin(mean / 0.25, 0.1);
});

/** Second moment after all layers over that before, in the geometric mean over so many seeds. */
function geometricMean(family: HypernetworkFamily, target: ParamSpecs, runs: number): number {
  const hypernetwork = family.build(target);
  const logs = Array.from({ length: runs }, (_, seed) =>
    tf.tidy(() => {
      const params = initParams(hypernetwork.specs, createRng(`layers ${seed}`));
      const weights = hypernetwork.generate(params, embeddingOf(1, family.embeddingSize, `embedding ${seed}`));
      const x = tf.expandDims(embeddingOf(30, 30, `x ${seed}`), 0);
      let activations = x;
      for (let layer = 1; layer <= 10; layer++) {
        const bias = weights[`dense${layer}/bias`];
        const product = tf.matMul(activations, weights[`dense${layer}/kernel`]!);
        activations = tf.relu(bias ? tf.add(product, tf.expandDims(bias, 1)) : product);
      }
      return Math.log(tf.mean(tf.square(activations)).dataSync()[0]! / tf.mean(tf.square(x)).dataSync()[0]!);
    }),
  );
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / runs);
}

function expectWithin(ratio: number, tolerance: number): void {
  expect(Math.abs(ratio - 1), `ratio ${ratio}`).toBeLessThan(tolerance);
}
