import { expect, test } from 'vitest';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { unrolled } from '../../src/meta/unrolled';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';

const base = mlp([2, 4, 3]);
const family = (options: object) => fullHypernetwork({ embeddingSize: 2, ...options }).build(base.specs);
/** What JavaScript may give where the types are not looked at. */
const word = (text: string) => text as never;

test.each<readonly [message: string, make: () => unknown]>([
  ["hypernetwork: activation: expected one of 'linear'", () => family({ activation: 'softmax' })],
  ["hypernetwork: init: expected one of 'hyperfan-in'", () => family({ init: 'typo' })],
  ["unrolled: penalty: expected one of 'whole'", () => unrolled({ penalty: word('none') })],
  ["unrolled: losses: expected one of 'last'", () => unrolled({ losses: word('all') })],
  ["hyperClassifier: around: expected one of 'prototypes'", () => hyperClassifier(base, { head: fullHypernetwork({ embeddingSize: 4 }), around: word('none') })],
  ["setEncoder: input: expected one of 'xy'", () => setEncoder({ size: 2, inputShape: [2], targetShape: [3], input: word('xyprediction') })],
  ["dense: bias: expected one of 'learned'", () => dense(2, { bias: word('no') })],
])('%s …', (message, make) => {
  expect(make).toThrow(message);
  expect(make).toThrow(RangeError);
});
