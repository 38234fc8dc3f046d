import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { heInit } from '../../src/core/initializers';
import { countParams, initParams, mapRecord, type ParamSpecs } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { kernelHypernetwork } from '../../src/hypernets/kernel-hypernetwork';
import { summarize } from '../../src/hypernets/summary';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { activation } from '../../src/nn/activation';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { flatten } from '../../src/nn/flatten';
import { maxPool } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { embeddingOf, testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

testHypernetwork('kernelHypernetwork', () => kernelHypernetwork({ embeddingSize: 4 }));
testHypernetwork('kernelHypernetwork of several basic kernels', () => kernelHypernetwork({ embeddingSize: 4, basicChannels: 2, channelFeatures: 3 }));
testHypernetworkDerivatives('kernelHypernetwork', () => kernelHypernetwork({ embeddingSize: 4, basicChannels: 2 }));

const kernels = (...shapes: (readonly [number, number, number, number])[]): ParamSpecs =>
  Object.fromEntries(
    shapes.map((shape, index) => {
      const fanIn = shape[0] * shape[1] * shape[2];
      return [`conv${index + 1}/kernel`, { shape, role: 'kernel', fanIn, init: heInit(fanIn) }];
    }),
  );

describe('kernelHypernetwork', () => {
  test('the second kernel of the paper: 4,240 weights for 12,544, and an embedding of 4 values', () => {
    const { ownParameters, generatedWeights } = summarize(kernelHypernetwork({ embeddingSize: 4 }).build(kernels([7, 7, 16, 16])));
    expect([ownParameters, generatedWeights]).toEqual([4 * (4 + 1) * 16 + 7 * 7 * 16 * (4 + 1), 12_544]);
    expect(ownParameters).toBe(4240);
  });

  test('the static hypernetwork of the paper: one embedding for all tasks, and no step adapts it', () => {
    const layers = [conv2d(16, 7), activation('relu'), maxPool(), conv2d(16, 7), activation('relu'), maxPool(), flatten(), dense(10)];
    const generates = (name: string) => name === 'conv2/kernel';
    const learner = hyperLearner(sequential([28, 28, 1], layers), kernelHypernetwork({ embeddingSize: 4 }), { generates, adapt: 'nothing' });
    const counted = mapRecord({ hyper: 0, start: 0 }, (_, part) => countParams(Object.fromEntries(Object.entries(learner.specs).filter(([name]) => name.startsWith(`${part}/`)))));
    expect(counted).toEqual({ hyper: 4240, start: 4 });
  });

  test('kernels of one window size share both layers: another one costs its embeddings, one for each basic kernel', () => {
    const count = (...shapes: Parameters<typeof kernels>) => countParams(kernelHypernetwork({ embeddingSize: 4 }).build(kernels(...shapes)).specs);
    expect(count([3, 3, 16, 16], [3, 3, 32, 48]) - count([3, 3, 16, 16])).toBe(2 * 3 * 4);
    expect(count([3, 3, 16, 16], [3, 3, 1, 17]) - count([3, 3, 16, 16])).toBe(1 * 2 * 4); // what is left over is cut off
    expect(count([3, 3, 16, 16], [5, 5, 16, 16])).toBe(count([3, 3, 16, 16]) + count([5, 5, 16, 16]));
  });

  test('K_i = W_out (W_i z + B_i) + B_out, with two input channels and one filter in a basic kernel of two', () => {
    const hypernetwork = kernelHypernetwork({ embeddingSize: 1, basicChannels: 2, channelFeatures: 1, init: 'ordinary' }).build(kernels([1, 1, 2, 2]));
    const params = {
      '1x1/input/kernel': tf.tensor([1, 2], [1, 1, 2]), // W_1 = 1, W_2 = 2
      '1x1/input/bias': tf.tensor([0, 3], [1, 2]), // B_2 = 3
      '1x1/output/kernel': tf.tensor([10, 100], [1, 1, 2]), // a filter each
      '1x1/output/bias': tf.tensor([0, 0.5], [1, 2]),
    };
    const kernel = tf.div(hypernetwork.generate(params, tf.tensor2d([[5]]))['conv1/kernel']!, Math.SQRT2); // 'ordinary' has deviation √2
    // a = (5, 13), so K_1 = (50, 500.5) and K_2 = (130, 1300.5)
    [50, 500.5, 130, 1300.5].forEach((value, index) => expect(kernel.dataSync()[index]).toBeCloseTo(value, 2));
  });

  test('a large kernel is laid out of basic ones, rows by input channels and columns by filters', () => {
    const hypernetwork = kernelHypernetwork({ embeddingSize: 1, basicChannels: 2, channelFeatures: 1, init: 'ordinary' }).build(kernels([1, 1, 4, 3]));
    const [z1, others] = [1, [1, 3, 5]]; // z = 1 and (1 + u) / √2
    const params = {
      '1x1/input/kernel': tf.ones([1, 1, 2]),
      '1x1/input/bias': tf.zeros([1, 2]),
      '1x1/output/kernel': tf.ones([1, 1, 2]),
      '1x1/output/bias': tf.zeros([1, 2]),
      '1x1/others': tf.tensor(others, [1, 3, 1]),
    };
    const kernel = tf.div(hypernetwork.generate(params, tf.tensor2d([[z1]]))['conv1/kernel']!, Math.SQRT2).dataSync();
    const [a, b, c, d] = [1, 2, 4, 6].map((sum, index) => (index === 0 ? sum : sum / Math.SQRT2)) as [number, number, number, number];
    [a, a, b, a, a, b, c, c, d, c, c, d].forEach((value, index) => expect(kernel[index]).toBeCloseTo(value, 5));
  });

  test('kernels start with standard deviation √(2 / fanIn) over 100 seeds, basic kernels alike', () => {
    const hypernetwork = kernelHypernetwork({ embeddingSize: 16 }).build(kernels([3, 3, 16, 16], [3, 3, 32, 32]));
    const moments = { 'conv1/kernel': 0, 'conv2/kernel': 0 };
    for (let seed = 0; seed < 100; seed++)
      tf.tidy(() => {
        const weights = hypernetwork.generate(initParams(hypernetwork.specs, createRng(`kernels ${seed}`)), embeddingOf(1, 16, `embedding ${seed}`));
        for (const name of ['conv1/kernel', 'conv2/kernel'] as const) moments[name] += tf.mean(tf.square(weights[name]!)).dataSync()[0]! / 100;
      });
    expect(Math.abs(Math.sqrt(moments['conv1/kernel'] / (2 / 144)) - 1)).toBeLessThan(0.1);
    expect(Math.abs(Math.sqrt(moments['conv2/kernel'] / (2 / 288)) - 1)).toBeLessThan(0.1);
  });

  test('refuses a basic kernel of half a channel', () =>
    expect(() => kernelHypernetwork({ embeddingSize: 4, basicChannels: 0.5 })).toThrow('kernelHypernetwork: basicChannels: expected a whole number of at least 1, got 0.5.'));
});
