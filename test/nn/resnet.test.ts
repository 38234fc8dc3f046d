import { expect, test } from 'vitest';
import { countParams } from '../../src/core/params';
import { resnet } from '../../src/nn/resnet';
import { testNetwork } from '../contracts/network';

const small = { ways: 2, convolutions: 2 };
testNetwork('resnet', () => resnet({ ...small, inputShape: [4, 4, 1], filters: [2, 3] }), {
  // Max pooling over the whole of each image has a winner that differences do not change.
  smooth: () => resnet({ ...small, inputShape: [2, 2, 1], filters: [1], convolutions: 1, activation: 'softplus' }),
  step: 0.001,
});

test('by default it is ResNet-12: twelve convolutions, and one around each of four blocks', () => {
  const { specs } = resnet({ inputShape: [84, 84, 3], ways: 5 });
  const kernels = Object.keys(specs).filter((name) => name.endsWith('kernel'));
  expect(kernels.filter((name) => name.includes('conv'))).toHaveLength(12);
  expect(kernels.filter((name) => name.includes('shortcut'))).toHaveLength(4);
  expect(specs['dense1/kernel']!.shape).toEqual([512, 5]);
});

test('counts what it learns', () => {
  const { specs } = resnet({ inputShape: [32, 32, 3], ways: 5, filters: [8], convolutions: 2 });
  expect(countParams(specs)).toBe(9 * 3 * 8 + 9 * 8 * 8 + 3 * 8 + 3 * 2 * 8 + 8 * 5 + 5);
});

test.each<[string, () => unknown, string]>([
  ['no block', () => resnet({ inputShape: [8, 8, 1], ways: 2, filters: [] }), 'resnet: number of filters: expected a whole number of at least 1, got 0.'],
  ['a block of nothing', () => resnet({ inputShape: [8, 8, 1], ways: 2, convolutions: 0 }), 'resnet: convolutions: expected a whole number of at least 1, got 0.'],
  ['images too small to be halved', () => resnet({ inputShape: [8, 8, 1], ways: 2 }), 'maxPool: expected images'],
])('refuses %s', (_name, make, message) => expect(make).toThrow(message));
