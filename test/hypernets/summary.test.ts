import { expect, test } from 'vitest';
import { constantInit, heInit } from '../../src/core/initializers';
import type { ParamSpecs } from '../../src/core/params';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { summarize } from '../../src/hypernets/summary';

const sizes = [784, 100, 100, 10];
const target: ParamSpecs = Object.fromEntries(
  sizes.slice(1).flatMap((outputs, index) => {
    const fanIn = sizes[index]!;
    return [
      [`dense${index + 1}/kernel`, { shape: [fanIn, outputs], role: 'kernel', fanIn, init: heInit(fanIn) }],
      [`dense${index + 1}/bias`, { shape: [outputs], role: 'bias', fanIn, init: constantInit(0) }],
    ] as const;
  }),
);

test('counts are exact: full', () => {
  const summary = summarize(fullHypernetwork({ embeddingSize: 10, hidden: [100, 100] }).build(target));
  expect(summary.generatedWeights).toBe(89_610);
  expect(summary.parts).toEqual([
    { name: 'trunk', parameters: 1_100 + 10_100 },
    { name: 'heads', parameters: 89_610 * 101 },
  ]);
  expect(summary.ownParameters).toBe(1_100 + 10_100 + 89_610 * 101);
});

test('counts are exact: chunked', () => {
  const family = chunkedHypernetwork({ embeddingSize: 8, chunkEmbeddingSize: 16, chunkSize: 2000, hidden: [100, 100] });
  const summary = summarize(family.build(target));
  expect(summary.ownParameters).toBe(45 * 16 + (24 * 100 + 100) + 10_100 + 2000 * 101);
  expect(summary.compression).toBeCloseTo(89_610 / summary.ownParameters, 12);
});

test('the text is an aligned table', () => {
  const { kernel, bias } = { kernel: target['dense3/kernel']!, bias: target['dense3/bias']! };
  const { text } = summarize(fullHypernetwork({ embeddingSize: 2, hidden: [] }).build({ kernel, bias }));
  expect(text).toBe(
    [
      'kernel              [100, 10]  1,000',
      'bias                [10]          10',
      'generated per task             1,010',
      'from heads                     3,030',
      'own parameters                 3,030',
      'generated per own              0.333',
    ].join('\n'),
  );
});
