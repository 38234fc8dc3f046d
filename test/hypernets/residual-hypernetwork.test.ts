import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { hostFloats, toTensor } from '../../src/core/host-tensor';
import { disposeParams, filterRecord, initParams, mapRecord, unscopeRecord, type ParamSpecs } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { summarize } from '../../src/hypernets/summary';
import { embeddingOf, smallTarget, testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4, hidden: [8] };
testHypernetwork('residual fullHypernetwork', () => residualHypernetwork(fullHypernetwork(options)));
testHypernetwork('residual chunkedHypernetwork', () => residualHypernetwork(chunkedHypernetwork({ ...options, chunkSize: 16 })));
testHypernetwork('residual lowRankHypernetwork', () => residualHypernetwork(lowRankHypernetwork({ ...options, rank: 1 })));
testHypernetwork('residual modulationHypernetwork', () => residualHypernetwork(modulationHypernetwork(options)));
const onHost = (target: ParamSpecs) =>
  mapRecord(target, ({ shape, init }, name) => hostFloats(init(createRng(`given ${name}`), shape), [1, ...shape]));
const given = onHost(smallTarget);
testHypernetwork('residual lowRankHypernetwork around frozen weights', () =>
  // A family for any target, as the contract builds it for two.
  ({
    embeddingSize: 4,
    build: (target) => residualHypernetwork(lowRankHypernetwork({ ...options, rank: 1 }), { weights: onHost(target), base: 'frozen' }).build(target),
  }),
);
testHypernetworkDerivatives('residual fullHypernetwork', () =>
  residualHypernetwork(fullHypernetwork({ embeddingSize: 4, hidden: [5], activation: 'softplus' })),
);

describe('residualHypernetwork', () => {
  test('starts near the learned base weights, initialScale away', () => {
    const sizes = [0.1, 0.01].map((initialScale) => {
      const hypernetwork = residualHypernetwork(fullHypernetwork(options), { initialScale }).build(smallTarget);
      const params = initParams(hypernetwork.specs, createRng('residual'));
      const weights = hypernetwork.generate(params, embeddingOf(200, 4));
      const base = unscopeRecord(params, 'base');
      const kernels = filterRecord(weights, (name) => smallTarget[name]!.role === 'kernel');
      return mapRecord(kernels, (value, name) => rms(tf.sub(value, base[name]!)) / rms(base[name]!));
    });
    for (const ratio of Object.values(sizes[0]!)) expect(ratio).toBeCloseTo(0.1, 1);
    for (const name of Object.keys(sizes[0]!)) expect(sizes[1]![name]! / sizes[0]![name]!).toBeCloseTo(0.1, 3);
  });

  test('learned weights start as given, in tensors or on the host', () => {
    for (const weights of [given, mapRecord(given, (value) => toTensor(value))]) {
      const { specs } = residualHypernetwork(fullHypernetwork(options), { weights }).build(smallTarget);
      const base = unscopeRecord(initParams(specs, createRng('another seed')), 'base');
      expect(mapRecord(base, (value) => [...value.dataSync()])).toEqual(mapRecord(given, ({ values }) => [...values]));
    }
  });

  test('frozen weights are no parameters; without a difference, a tensor is theirs and shared', () => {
    const family = residualHypernetwork(lowRankHypernetwork({ ...options, rank: 1, hidden: [] }), {
      weights: given,
      base: 'frozen',
      differs: (_name, { role }) => role === 'kernel',
    });
    const hypernetwork = family.build(smallTarget);
    // rank 1: 4 × 1 and 1 × 3 values for the convolution, 12 × 1 and 1 × 2 for the dense layer, each from 4 + 1 parameters
    expect(summarize(hypernetwork).parts).toEqual([{ name: 'delta', parameters: (4 + 1) * (4 + 3 + 12 + 2) }]);
    const weights = hypernetwork.generate(initParams(hypernetwork.specs, createRng('frozen')), embeddingOf(3, 4));
    for (const name of ['norm1/scale', 'norm1/shift', 'dense1/bias'])
      expect(weights[name]!.arraySync()).toEqual(toTensor(given[name]!).arraySync());
    const difference = tf.sub(weights['dense1/kernel']!, toTensor(given['dense1/kernel']!));
    expect(difference.shape).toEqual([3, 12, 2]);
    // of rank 1: every 2 × 2 minor is zero
    const [left, right] = tf.split(difference, 2, 2).map((column) => tf.squeeze(column, [2])) as [tf.Tensor, tf.Tensor];
    const minors = tf.sub(tf.mul(tf.expandDims(left, 1), tf.expandDims(right, 2)), tf.mul(tf.expandDims(left, 2), tf.expandDims(right, 1)));
    expect(tf.max(tf.abs(minors)).dataSync()[0]).toBeLessThan(1e-6);
    expect(rms(difference)).toBeGreaterThan(1e-3);
  });

  test('what is given is copied, and a tensor without a difference belongs to the caller', () => {
    const own = mapRecord(given, (value) => toTensor(value));
    for (const base of ['learned', 'frozen'] as const) {
      const differs = (name: string) => name !== 'dense1/bias';
      const hypernetwork = residualHypernetwork(fullHypernetwork(options), { weights: own, base, differs }).build(smallTarget);
      const params = initParams(hypernetwork.specs, createRng('owner'));
      disposeParams(hypernetwork.generate(params, embeddingOf(2, 4)));
      for (const value of [...Object.values(params), ...Object.values(own)]) expect(value.isDisposed).toBe(false);
      disposeParams(hypernetwork.generate(params, embeddingOf(2, 4)));
    }
  });

  test('says which weights are missing or do not fit, and that frozen ones must be given', () => {
    const family = fullHypernetwork(options);
    expect(() => residualHypernetwork(family, { base: 'frozen' })).toThrow(
      `residualHypernetwork: base: 'frozen': expected weights to keep, got none;`,
    );
    expect(() => residualHypernetwork(family, { weights: { other: tf.ones([1, 2]) } }).build(smallTarget)).toThrow(
      `residualHypernetwork: weights: expected an entry 'conv1/kernel' as the base network has, got other.`,
    );
    expect(() => residualHypernetwork(family, { weights: { ...mapRecord(given, (value) => toTensor(value)), 'dense1/bias': tf.ones([2]) } }).build(smallTarget)).toThrow(
      'residualHypernetwork: weights: dense1/bias: expected shape [1, 2], got [2].',
    );
  });

  test('rejects a scale of zero: the embedding could not move', () =>
    expect(() => residualHypernetwork(fullHypernetwork(options), { initialScale: 0 })).toThrow(
      'residualHypernetwork: initialScale: expected a finite number above 0, got 0.',
    ));
});

function rms(value: tf.Tensor): number {
  return Math.sqrt(tf.mean(tf.square(value)).dataSync()[0]!);
}
