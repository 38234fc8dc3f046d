import * as tf from '@tensorflow/tfjs';
import type { Layer } from '../../src/nn/layer';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { conv1d } from '../../src/nn/conv1d';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { depthwiseConv2d, separableConv2d } from '../../src/nn/depthwise-conv2d';
import { averagePool, averagePool1d, globalAveragePool, globalMaxPool, maxPool, maxPool1d } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { upSample } from '../../src/nn/up-sample';
import { zeroPad } from '../../src/nn/zero-pad';
import type { Case } from '../helpers/compiled';

const tasks = 2;

/** The layers' output squared, of two tasks with parameters of their own. */
function layersCase(name: string, inputShape: readonly number[], layers: readonly Layer[], how: Pick<Case, 'isSmooth' | 'tolerance'> = {}): Case {
  const { specs, apply } = sequential(inputShape, layers);
  const names = Object.keys(specs);
  return {
    name,
    inputs: [[tasks, 3, ...inputShape], ...names.map((each) => [tasks, ...specs[each]!.shape])],
    compute: (x, ...values) => tf.square(apply(Object.fromEntries(values.map((value, index) => [names[index]!, value])), x)),
    ...how,
  };
}

/** Layers of images and sequences as networks use them. */
export const layerCases: readonly Case[] = [
  layersCase('conv2d of 3 x 1', [4, 5, 2], [conv2d(2, [3, 1], { stride: [2, 1] })]),
  layersCase('conv2d with gaps', [5, 4, 2], [conv2d(2, 2, { dilation: [2, 1], padding: 'valid' })]),
  layersCase('conv1d', [6, 2], [conv1d(3, 3, { stride: 2 })]),
  layersCase('depthwiseConv2d', [4, 5, 2], [depthwiseConv2d([2, 3], { multiplier: 2 })]),
  layersCase('separableConv2d', [4, 5, 2], [separableConv2d(3, 3, { stride: 2 })]),
  layersCase('maxPool over padding', [5, 4, 2], [maxPool([3, 2], 2, { padding: 'same' })], { isSmooth: false }),
  layersCase('averagePool over padding', [5, 4, 2], [averagePool(3, 2, { padding: 'same' })]),
  layersCase('pooling of sequences', [7, 2], [maxPool1d(3, 2), averagePool1d()], { isSmooth: false }),
  layersCase('globalMaxPool', [5, 4, 2], [globalMaxPool()], { isSmooth: false }),
  layersCase('zeroPad and upSample', [2, 3, 2], [zeroPad([[1, 0], [0, 2]]), upSample([3, 2])]),
  layersCase(
    'a network of separable blocks',
    [8, 8, 1],
    [
      ...[conv2d(3, 3, { stride: 2, bias: 'none' }), batchNorm(), activation('softplus')],
      ...[separableConv2d(4, 3, { bias: 'none' }), batchNorm(), activation('softplus'), averagePool(3, 2, { padding: 'same' })],
      ...[globalAveragePool(), dense(2)],
    ],
    { tolerance: 1e-4, isSmooth: false }, // a fourth power of sums: differences are too coarse
  ),
];
