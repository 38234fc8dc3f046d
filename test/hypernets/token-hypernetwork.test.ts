import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { summarize } from '../../src/hypernets/summary';
import { tokenHypernetwork } from '../../src/hypernets/token-hypernetwork';
import { mlp } from '../../src/nn/mlp';
import { embeddingOf, testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4, tokenSize: 8, heads: 2, columnsPerToken: 2 };
testHypernetwork('tokenHypernetwork', () => tokenHypernetwork(options));
testHypernetworkDerivatives('tokenHypernetwork', () =>
  tokenHypernetwork({ ...options, tokenSize: 4, dataTokens: 2, blocks: 1, hidden: 3, activation: 'softplus' }),
);

describe('tokenHypernetwork', () => {
  test('has a token for every group of columns, and counts exactly', () => {
    const family = tokenHypernetwork({ embeddingSize: 5, tokenSize: 8, heads: 2, dataTokens: 3, columnsPerToken: 4, blocks: 2, hidden: 6 });
    const block = 4 * 8 * 8 + 2 * 8 + (8 * 6 + 6 + 6 * 8 + 8) + 2 * 8; // attention, norm, network, norm
    expect(summarize(family.build(mlp([2, 6, 3]).specs)).parts).toEqual([
      { name: 'data', parameters: (5 + 1) * 3 * 8 },
      { name: 'tokens', parameters: (2 + 1) * 8 },
      { name: 'block1', parameters: block },
      { name: 'block2', parameters: block },
      { name: 'heads', parameters: (8 + 1) * 3 * (2 + 1) + (8 + 1) * 3 * (6 + 1) }, // 6 columns by threes, 3 columns at once
    ]);
  });

  test('every weight token sees the others: moving one moves all layers', () => {
    const hypernetwork = tokenHypernetwork({ ...options, columnsPerToken: 8 }).build(mlp([2, 3, 4]).specs);
    const params = initParams(hypernetwork.specs, createRng('tokens'));
    const moved = { ...params, tokens: tf.add(params['tokens']!, tf.tensor([0, 1], [1, 2, 1]).mul(tf.linspace(-1, 1, 8))) }; // the second layer's
    const [before, after] = [params, moved].map((own) => hypernetwork.generate(own, embeddingOf(1, 4)));
    for (const name of ['dense1/kernel', 'dense2/kernel'])
      expect(tf.max(tf.abs(tf.sub(before![name]!, after![name]!))).dataSync()[0]).toBeGreaterThan(1e-3);
  });

  test('refuses heads that do not share a token evenly, and a network without blocks', () => {
    expect(() => tokenHypernetwork({ ...options, heads: 3 })).toThrow('attention: heads: expected a divisor of the 8 features, got 3.');
    expect(() => tokenHypernetwork({ ...options, blocks: 0 })).toThrow('tokenHypernetwork: blocks: expected a whole number of at least 1, got 0.');
  });
});
