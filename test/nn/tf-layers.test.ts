import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { conv1d } from '../../src/nn/conv1d';
import { conv2d } from '../../src/nn/conv2d';
import { depthwiseConv2d, separableConv2d } from '../../src/nn/depthwise-conv2d';
import type { Layer } from '../../src/nn/layer';
import { averagePool, averagePool1d, globalAveragePool, globalMaxPool, maxPool, maxPool1d } from '../../src/nn/pooling';
import { upSample } from '../../src/nn/up-sample';
import { zeroPad } from '../../src/nn/zero-pad';
import { expectAlike } from '../helpers/close';
import { normal } from '../helpers/compiled';

const image = [6, 5, 2];
const sequence = [7, 2];

const bias = { biasInitializer: 'randomNormal' } as const;
const { layers } = tf;

/** Name, input, a layer of `tf.layers` and ours. */
const twins: readonly (readonly [string, readonly number[], tf.layers.Layer, Layer])[] = [
  ['conv2d', image, layers.conv2d({ filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: 'same', ...bias }), conv2d(3, [3, 2], { stride: [2, 1] })],
  ['conv2d with gaps', image, layers.conv2d({ filters: 3, kernelSize: 2, dilationRate: [2, 1], useBias: false }), conv2d(3, 2, { dilation: [2, 1], padding: 'valid', bias: 'none' })],
  ['conv2d 1 × 1 by steps of 3', image, layers.conv2d({ filters: 3, kernelSize: 1, strides: 3, padding: 'same' }), conv2d(3, 1, { stride: 3 })],
  ['conv1d', sequence, layers.conv1d({ filters: 3, kernelSize: 4, strides: 2, padding: 'same', ...bias }), conv1d(3, 4, { stride: 2 })],
  ['conv1d with gaps', sequence, layers.conv1d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'valid' }), conv1d(3, 3, { dilation: 2, padding: 'valid' })],
  ['depthwiseConv2d', image, layers.depthwiseConv2d({ kernelSize: [2, 3], depthMultiplier: 2, padding: 'same', ...bias }), depthwiseConv2d([2, 3], { multiplier: 2 })],
  ['separableConv2d', image, layers.separableConv2d({ filters: 3, kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same', ...bias }), separableConv2d(3, 3, { multiplier: 2, stride: 2 })],
  ['maxPool', image, layers.maxPooling2d({ poolSize: [3, 2], strides: [2, 1], padding: 'same' }), maxPool([3, 2], [2, 1], { padding: 'same' })],
  ['averagePool', image, layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }), averagePool(3, 2, { padding: 'same' })],
  ['maxPool1d', sequence, layers.maxPooling1d({ poolSize: 3, strides: 2, padding: 'same' }), maxPool1d(3, 2, { padding: 'same' })],
  ['averagePool1d', sequence, layers.averagePooling1d({ poolSize: 3, strides: 2, padding: 'valid' }), averagePool1d(3, 2)],
  ['globalAveragePool of images', image, layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), globalAveragePool()],
  ['globalAveragePool of sequences', sequence, layers.globalAveragePooling1d(), globalAveragePool()],
  ['globalMaxPool of images', image, layers.globalMaxPooling2d({ dataFormat: 'channelsLast' }), globalMaxPool()],
  ['globalMaxPool of sequences', sequence, layers.globalMaxPooling1d(), globalMaxPool()],
  ['zeroPad', image, layers.zeroPadding2d({ padding: [[1, 0], [2, 1]] }), zeroPad([[1, 0], [2, 1]])],
  ['upSample', image, layers.upSampling2d({ size: [2, 3] }), upSample([2, 3])],
];

test.each(twins)('%s takes over the weights of tf.layers as they are', async (_name, inputShape, theirs, ours) => {
  await tf.setBackend('cpu'); // wasm has not all that tf.layers needs, and convolves wrongly by steps of 3
  const network = ours.build(inputShape);
  const x = normal('x', [4, ...inputShape]);
  const expected = theirs.apply(x) as tf.Tensor; // of a tensor, not of a symbolic one
  const weights = theirs.getWeights();
  expect(weights.map(({ shape }) => shape)).toEqual(Object.values(network.specs).map(({ shape }) => shape));
  const params = Object.fromEntries(Object.keys(network.specs).map((name, index) => [name, tf.expandDims(weights[index]!, 0)]));
  const output = network.apply(params, tf.expandDims(x, 0));
  expect(output.shape).toEqual([1, ...expected.shape]);
  expectAlike(output.dataSync(), expected.dataSync());
  tf.dispose([x, expected, params, output]);
  theirs.dispose();
});
