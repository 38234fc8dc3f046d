import { expect, test } from 'vitest';
import { countParams } from '../../src/core/params';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { conv2d } from '../../src/nn/conv2d';
import { conv4, conv4Strided } from '../../src/nn/conv4';
import { dense } from '../../src/nn/dense';
import { flatten } from '../../src/nn/flatten';
import { averagePool } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

const small = { inputShape: [16, 16, 1], ways: 2, filters: 2 };
// Somewhere in four layers of windows the winner always changes: derivatives are those of smooth blocks.
const block = [conv2d(2, 3, { bias: 'none' }), batchNorm(), activation('softplus'), averagePool()];
const smoothBlocks = () => sequential([4, 4, 1], [...block, ...block, flatten(), dense(2)]);
testNetwork('conv4', () => conv4(small), { smooth: smoothBlocks });
testNetwork('conv4Strided', () => conv4Strided(small), {
  smooth: () => conv4Strided({ ...small, inputShape: [7, 6, 1], activation: 'softplus' }),
  step: 0.001,
});

test('has 64 features on 28 × 28 images, and 1,600 on 84 × 84', () => {
  const omniglot = conv4({ inputShape: [28, 28, 1], ways: 5 });
  expect(omniglot.specs['dense1/kernel']!.shape).toEqual([64, 5]);
  expect(countParams(omniglot.specs)).toBe(9 * 64 + 3 * 9 * 64 * 64 + 4 * 2 * 64 + 64 * 5 + 5);
  expect(conv4({ inputShape: [84, 84, 3], ways: 5 }).specs['dense1/kernel']!.shape).toEqual([1600, 5]);
  expect(conv4Strided({ inputShape: [28, 28, 1], ways: 5 }).specs['dense1/kernel']!.shape).toEqual([64, 5]);
});

test('refuses images too small to be halved four times', () =>
  expect(() => conv4({ inputShape: [15, 15, 1], ways: 5 })).toThrow('maxPool: expected images'));
