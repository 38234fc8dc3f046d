import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { flatten } from '../../src/nn/flatten';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';

testNetwork('sequential', () => sequential([2, 2, 1], [flatten(), dense(3), activation('tanh'), dense(2)]));

test('names parameters by layer and number', () => {
  const layers = [conv2d(2), batchNorm(), activation('relu'), conv2d(2), batchNorm(), flatten(), dense(3)];
  const network = sequential([4, 4, 1], layers);
  expect(Object.keys(network.specs)).toEqual([
    'conv1/kernel', 'conv1/bias', 'norm1/scale', 'norm1/shift',
    'conv2/kernel', 'conv2/bias', 'norm2/scale', 'norm2/shift',
    'dense1/kernel', 'dense1/bias',
  ]);
  expect(network.head).toMatchObject({ kernel: 'dense1/kernel', bias: 'dense1/bias' });
});

test('has a head only if its last layer is dense with a bias', () => {
  expect(sequential([2], [dense(3), activation('relu')]).head).toBeUndefined();
  expect(sequential([2], [dense(3, { bias: 'none' })]).head).toBeUndefined();
  expect(sequential([2], [dense(3)]).head).toBeDefined();
});

test('measures the statistics of a layer on what the observed layers before it put out', () =>
  tf.tidy(() => {
    const network = sequential([1], [batchNorm({ epsilon: 1e-9 }), batchNorm()]);
    const params = {
      'norm1/scale': tf.tensor2d([[3]]), 'norm1/shift': tf.tensor2d([[5]]),
      'norm2/scale': tf.tensor2d([[1]]), 'norm2/shift': tf.tensor2d([[0]]),
    };
    const observed = network.observe!(params, tf.tensor3d([[[1], [3]]]));
    const value = (name: string) => observed[name]!.dataSync()[0]!;
    expect([value('norm1/mean'), value('norm1/variance')]).toEqual([2, 1]);
    expect(value('norm2/mean')).toBeCloseTo(5, 5); // mean and deviation are what the first layer makes them
    expect(value('norm2/variance')).toBeCloseTo(9, 4);
  }));

test('without statistics has nothing to observe', () => expect(sequential([2], [dense(3)]).observe).toBeUndefined());

test('says which network was given another shape', () =>
  expect(() => sequential([2], [dense(3)], { name: 'mine' }).apply({}, tf.zeros([1, 4, 3]))).toThrow(
    'mine: expected shape [*, *, 2], got [1, 4, 3].',
  ));
