import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { filterRecord, initParams, mapRecord, unscopeRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { embeddingOf, smallTarget, testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4, hidden: [8] };
testHypernetwork('residual fullHypernetwork', () => residualHypernetwork(fullHypernetwork(options)));
testHypernetwork('residual chunkedHypernetwork', () => residualHypernetwork(chunkedHypernetwork({ ...options, chunkSize: 16 })));
testHypernetwork('residual lowRankHypernetwork', () => residualHypernetwork(lowRankHypernetwork({ ...options, rank: 1 })));
testHypernetwork('residual modulationHypernetwork', () => residualHypernetwork(modulationHypernetwork(options)));
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

  test('rejects a scale of zero: the embedding could not move', () =>
    expect(() => residualHypernetwork(fullHypernetwork(options), { initialScale: 0 })).toThrow(
      'residualHypernetwork: initialScale: expected a finite number above 0, got 0.',
    ));
});

function rms(value: tf.Tensor): number {
  return Math.sqrt(tf.mean(tf.square(value)).dataSync()[0]!);
}
