import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { initParams, unscopeRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { depthwiseConv2d } from '../../src/nn/depthwise-conv2d';
import { flatten } from '../../src/nn/flatten';
import { sequential } from '../../src/nn/sequential';
import { testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4 };
testHypernetwork('modulationHypernetwork', () => modulationHypernetwork({ ...options, hidden: [8, 8] }));
testHypernetwork('linear modulationHypernetwork', () => modulationHypernetwork({ ...options, hidden: [] }));
testHypernetworkDerivatives('modulationHypernetwork', () => modulationHypernetwork({ ...options, hidden: [5], activation: 'softplus' }));

test('scales and shifts each feature of a depthwise convolution', () => {
  const network = sequential([3, 3, 2], [depthwiseConv2d(3, { multiplier: 2 }), flatten()]);
  const { specs, generate } = modulationHypernetwork({ ...options, hidden: [], initialScale: 1 }).build(network.specs);
  tf.tidy(() => {
    const rng = createRng('modulation');
    const params = initParams(specs, rng);
    const [plain, modulated] = [unscopeRecord(params, 'base'), generate(params, tf.tensor2d([[1, -1, 0.5, 2]]))];
    const x = tf.tensor4d(Array.from({ length: 36 }, () => rng.normal()), [2, 3, 3, 2]).reshape([1, 2, 3, 3, 2]);
    const [before, after] = [plain, modulated].map((weights) => network.apply(weights, x).arraySync() as number[][][]) as [number[][][], number[][][]];
    // y = scale · x + shift: from two examples, scale = (y₁ − y₂) / (x₁ − x₂)
    const scales = before[0]![0]!.map((value, feature) => (after[0]![0]![feature]! - after[0]![1]![feature]!) / (value - before[0]![1]![feature]!));
    const places = Array.from({ length: 9 }, (_, place) => scales.slice(4 * place, 4 * place + 4));
    for (const place of places) place.forEach((scale, feature) => expect(scale).toBeCloseTo(places[4]![feature]!, 3));
    expect(new Set(places[4]!.map((scale) => scale.toFixed(3))).size).toBe(4);
  });
});
