import * as tf from '@tensorflow/tfjs';
import { batchMoments, normalizeBatch, sharesOf } from '../../src/ops/batch-norm';
import { averagePool, maxPool, type PoolingOptions } from '../../src/ops/pooling';
import { taskConv2d } from '../../src/ops/task-convolution';
import { taskDepthwiseConv2d } from '../../src/ops/task-depthwise-convolution';
import type { ConvolutionOptions } from '../../src/ops/window-steps';
import type { Case } from '../helpers/compiled';

const sizes = [1, 2, 3] as const;
const padding = ['same', 'valid'] as const;

/** Who shares: of two tasks' images and kernels. */
const owners = [[2, 2], [2, 1], [1, 2], [1, 1]] as const;

const taskConvolutions = sizes.flatMap((size) =>
  [1, 2].flatMap((stride) =>
    padding.flatMap((pad) =>
      owners.map(([images, kernels]): Case => ({
        name: `taskConv2d ${size}x${size}, stride ${stride}, ${pad}, ${images} sets of images, ${kernels} kernels`,
        inputs: [[images, 2, 5, 4, 2], [kernels, size, size, 2, 3]],
        compute: (x, kernel) => tf.sin(taskConv2d(x, kernel, { stride, padding: pad })),
      })),
    ),
  ),
);

/** Windows, strides and dilations that differ down and across. */
const oblong: readonly (ConvolutionOptions & { readonly window: readonly [number, number] })[] = [
  { window: [3, 1], stride: [2, 1] },
  { window: [2, 3], stride: [1, 3], padding: 'valid' },
  { window: [1, 1], stride: [2, 3] },
  { window: [3, 2], dilation: [1, 2] },
  { window: [2, 2], dilation: 2, padding: 'valid' },
];

const oblongConvolutions = oblong.flatMap(({ window, ...options }) =>
  owners.flatMap(([images, kernels]): readonly Case[] => {
    const how = `of ${window.join('x')}, ${JSON.stringify(options)}, ${images} sets of images, ${kernels} kernels`;
    return [
      { name: `taskConv2d ${how}`, inputs: [[images, 2, 5, 4, 2], [kernels, ...window, 2, 3]], compute: (x, kernel) => tf.sin(taskConv2d(x, kernel, options)) },
      { name: `taskDepthwiseConv2d ${how}`, inputs: [[images, 2, 5, 4, 3], [kernels, ...window, 3, 1]], compute: (x, kernel) => tf.sin(taskDepthwiseConv2d(x, kernel, options)) },
      { name: `taskDepthwiseConv2d with 2 results a channel ${how}`, inputs: [[images, 2, 5, 4, 2], [kernels, ...window, 2, 2]], compute: (x, kernel) => tf.sin(taskDepthwiseConv2d(x, kernel, options)) },
    ];
  }),
);

const image = [2, 5, 6, 2] as const;
const convolve = (x: tf.Tensor, kernel: tf.Tensor, strides: number | [number, number], pad: 'same' | 'valid' | number, dilations = 1) =>
  tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, strides, pad, 'NHWC', dilations);

const convolutions: readonly Case[] = [
  ...sizes.flatMap((size) =>
    [1, 2].flatMap((stride) =>
      padding.map((pad): Case => ({
        name: `conv2d ${size}x${size}, stride ${stride}, ${pad}`,
        inputs: [image, [size, size, 2, 3]],
        compute: (x, kernel) => tf.sin(convolve(x, kernel, stride, pad)),
      })),
    ),
  ),
  { name: 'conv2d with other strides down than across', inputs: [image, [3, 2, 2, 3]], compute: (x, kernel) => convolve(x, kernel, [2, 1], 'same') },
  { name: 'conv2d with a given padding', inputs: [image, [3, 3, 2, 3]], compute: (x, kernel) => convolve(x, kernel, 2, 1) },
  { name: 'conv2d 1x1 with a given padding', inputs: [image, [1, 1, 2, 3]], compute: (x, kernel) => convolve(x, kernel, 1, 1) },
  { name: 'conv2d with gaps', inputs: [image, [2, 2, 2, 3]], compute: (x, kernel) => convolve(x, kernel, 1, 'same', 2), order: 0 },
  { name: 'conv2d of one image', inputs: [[5, 6, 2], [3, 3, 2, 3]], compute: (x, kernel) => tf.conv2d(x as tf.Tensor3D, kernel as tf.Tensor4D, 1, 'same') },
  { name: 'conv2dTranspose', inputs: [[2, 3, 3, 2], [3, 3, 4, 2]], compute: (x, kernel) => tf.conv2dTranspose(x as tf.Tensor4D, kernel as tf.Tensor4D, [2, 6, 6, 4], 2, 'same') },
  { name: 'fused conv2d', inputs: [image, [3, 3, 2, 3], [3]], compute: (x, filter, bias) => tf.fused.conv2d({ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 'same', bias, activation: 'relu' }), order: 0 },
  { name: 'conv1d', inputs: [[2, 6, 2], [3, 2, 3]], compute: (x, kernel) => tf.sin(tf.conv1d(x as tf.Tensor3D, kernel as tf.Tensor3D, 1, 'same')) },
];

const depthwise = padding.flatMap((pad) =>
  [1, 2].map((stride): Case => ({
    name: `depthwiseConv2d, stride ${stride}, ${pad}`,
    inputs: [image, [3, 3, 2, 2]],
    compute: (x, kernel) => tf.sin(tf.depthwiseConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad)),
  })),
);

const oblongPools = padding.flatMap((pad) =>
  [{ size: [1, 3] }, { size: [2, 1], stride: [1, 2] }, { size: [3, 2], stride: [2, 3] }, { size: 3, stride: 2 }, { size: 2 }].flatMap((given): readonly Case[] => {
    const options = { ...given, padding: pad } as PoolingOptions;
    const how = JSON.stringify(options);
    return [
      { name: `maxPool ${how}`, inputs: [[2, 2, 7, 6, 2]], compute: (x) => tf.square(maxPool(x, options)), isSmooth: false },
      { name: `averagePool ${how}`, inputs: [[2, 2, 7, 6, 2]], compute: (x) => tf.square(averagePool(x, options)) },
    ];
  }),
);

const pools: readonly Case[] = [
  ...[[2, 2], [3, 3], [2, 1], [3, 2], [2, 3]].flatMap(([size, stride]): readonly Case[] => [
    { name: `maxPool of ${size}, stride ${stride}`, inputs: [[2, 2, 7, 6, 2]], compute: (x) => tf.square(maxPool(x, { size: size!, stride: stride! })), isSmooth: false },
    { name: `averagePool of ${size}, stride ${stride}`, inputs: [[2, 2, 7, 6, 2]], compute: (x) => tf.square(averagePool(x, { size: size!, stride: stride! })) },
  ]),
  { name: 'maxPool of equal values', inputs: [() => tf.relu(tf.range(-20, 28).reshape([1, 1, 8, 6, 1]))], compute: (x) => maxPool(x), isSmooth: false },
  { name: 'maxPool of negative values', inputs: [[1, 2, 4, 4, 2]], compute: (x) => maxPool(tf.sub(x, 10)), isSmooth: false },
  ...padding.flatMap((pad): readonly Case[] => [
    { name: `tf.maxPool, ${pad}`, inputs: [image], compute: (x) => tf.square(tf.maxPool(x as tf.Tensor4D, 2, 2, pad)), isSmooth: false },
    { name: `tf.maxPool of windows that overlap, ${pad}`, inputs: [image], compute: (x) => tf.square(tf.maxPool(x as tf.Tensor4D, 3, 2, pad)), isSmooth: false },
    { name: `tf.avgPool, ${pad}`, inputs: [image], compute: (x) => tf.square(tf.avgPool(x as tf.Tensor4D, 2, 2, pad)) },
    { name: `tf.avgPool of windows that overlap, ${pad}`, inputs: [image], compute: (x) => tf.square(tf.avgPool(x as tf.Tensor4D, 3, 2, pad)) },
  ]),
];

const weight = () => tf.tensor2d([[1, 1, 1, 0, 1], [1, 0, 1, 1, 0]]);

const norms: readonly Case[] = [
  { name: 'normalizeBatch', inputs: [[2, 5, 3]], compute: (x) => normalizeBatch(x, tf.fill([2, 5], 0.2), 1e-3) },
  { name: 'normalizeBatch with padding', inputs: [[2, 5, 3]], compute: (x) => tf.mul(normalizeBatch(x, sharesOf(weight(), 1), 1e-3), tf.expandDims(weight(), 2)) },
  { name: 'normalizeBatch, scaled, shifted and rectified', inputs: [[2, 5, 3], [2, 1, 3], [2, 1, 3]], compute: (x, scale, shift) => tf.softplus(tf.add(tf.mul(normalizeBatch(x, sharesOf(weight(), 1), 1e-3), scale), shift)) },
  { name: 'batchMoments: mean', inputs: [[2, 5, 3]], compute: (x) => tf.sin(batchMoments(x, sharesOf(weight(), 1)).mean) },
  { name: 'batchMoments: variance', inputs: [[2, 5, 3]], compute: (x) => tf.sin(batchMoments(x, sharesOf(weight(), 1)).variance) },
  { name: 'shares of positions', inputs: [() => weight()], compute: (given) => sharesOf(given, 3), order: 0 },
  {
    name: 'a convolution, batch norm, activation and pooling',
    inputs: [[2, 2, 6, 6, 2], [2, 3, 3, 2, 3], [2, 1, 3], [2, 1, 3]],
    compute(x, kernel, scale, shift) {
      const rows = tf.reshape(taskConv2d(x, kernel), [2, 72, 3]);
      const standard = normalizeBatch(rows, tf.fill([2, 72], 1 / 72), 1e-3);
      return averagePool(tf.reshape(tf.tanh(tf.add(tf.mul(standard, scale), shift)), [2, 2, 6, 6, 3]));
    },
  },
  {
    name: 'the same with relu and max pooling',
    inputs: [[2, 2, 6, 6, 2], [1, 3, 3, 2, 3], [1, 1, 3], [1, 1, 3]],
    compute(x, kernel, scale, shift) {
      const rows = tf.reshape(taskConv2d(x, kernel, { stride: 1 }), [2, 72, 3]);
      const standard = normalizeBatch(rows, tf.fill([2, 72], 1 / 72), 1e-3);
      return maxPool(tf.reshape(tf.relu(tf.add(tf.mul(standard, scale), shift)), [2, 2, 6, 6, 3]));
    },
    isSmooth: false,
  },
];

export const imageCases: readonly Case[] = [...taskConvolutions, ...oblongConvolutions, ...convolutions, ...depthwise, ...pools, ...oblongPools, ...norms];
