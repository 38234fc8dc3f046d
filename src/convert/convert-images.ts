import * as tf from '@tensorflow/tfjs';
import type { Pair } from '../core/pair';
import type { Padding } from '../ops/window-steps';
import { conv1d } from '../nn/conv1d';
import { conv2d } from '../nn/conv2d';
import { activated, expectChannelsLast, layerConversion, refuse, type Conversion, type Conversions, type SourceLayer } from './conversion';
import { depthwiseConv2d, separableConv2d } from '../nn/depthwise-conv2d';
import { expectImage } from '../nn/image-shape';
import type { Layer } from '../nn/layer';
import { averagePool, averagePool1d, globalAveragePool, globalMaxPool, maxPool, maxPool1d, type PoolOptions } from '../nn/pooling';
import { upSample } from '../nn/up-sample';
import { zeroPad } from '../nn/zero-pad';

/** Convolutions, pooling and margins, of images and of sequences. */
export const imageConversions: Conversions = {
  Conv2D: convolution(['kernel'], (config, options) => conv2d(config.filters, pairOf(config.kernelSize), options)),
  Conv1D: convolution(['kernel'], (config, { padding, bias }) =>
    conv1d(config.filters, config.kernelSize[0], { stride: config.strides[0]!, dilation: first(config.dilationRate), padding, bias }),
  ),
  DepthwiseConv2D: convolution(['kernel'], (config, options, source) => {
    if (Math.max(...options.dilation) > 1) refuse(source, 'dilationRate', '1: TensorFlow.js leaves any other out', config.dilationRate, 'build the model with 1, or with a separableConv2d');
    return depthwiseConv2d(pairOf(config.kernelSize), { ...options, multiplier: source.weights[0]!.shape[3]! });
  }),
  SeparableConv2D: convolution(['depthwise', 'pointwise'], (config, options, { weights }) =>
    separableConv2d(config.filters, pairOf(config.kernelSize), { ...options, multiplier: weights[0]!.shape[3]! }),
  ),
  MaxPooling2D: pooling(({ poolSize, strides }, options) => maxPool(pairOf(poolSize), pairOf(strides), options)),
  AveragePooling2D: pooling(({ poolSize, strides }, options) => averagePool(pairOf(poolSize), pairOf(strides), options)),
  MaxPooling1D: pooling(({ poolSize, strides }, options) => maxPool1d(poolSize[0], strides[0], options)),
  AveragePooling1D: pooling(({ poolSize, strides }, options) => averagePool1d(poolSize[0], strides[0], options)),
  GlobalMaxPooling1D: global(() => globalMaxPool()),
  GlobalMaxPooling2D: global(() => globalMaxPool()),
  GlobalAveragePooling1D: global(() => globalAveragePool()),
  GlobalAveragePooling2D: global(() => globalAveragePool()),
  ZeroPadding2D: layerConversion<{ readonly padding: readonly [Pair, Pair]; readonly dataFormat?: string }>(({ padding, dataFormat }, source) => {
    expectChannelsLast(source, dataFormat);
    return { layer: zeroPad(padding) };
  }),
  Cropping2D: layerConversion<{ readonly cropping: readonly [Pair, Pair]; readonly dataFormat?: string }>(({ cropping, dataFormat }, source) => {
    expectChannelsLast(source, dataFormat);
    return { layer: cropped(cropping) };
  }),
  UpSampling2D: layerConversion<{ readonly size: Pair; readonly dataFormat?: string; readonly interpolation?: string }>(
    ({ size, dataFormat, interpolation = 'nearest' }, source) => {
      expectChannelsLast(source, dataFormat);
      if (interpolation !== 'nearest') refuse(source, 'interpolation', `'nearest'`, interpolation, 'build the model with that');
      return { layer: upSample(size) };
    },
  ),
};

interface ConvolutionConfig {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate: number | readonly number[];
  readonly padding: string;
  readonly dataFormat?: string;
  readonly useBias: boolean;
  readonly activation?: string | null;
}

interface WindowOptions {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
  readonly bias: 'learned' | 'none';
}

function convolution(
  kernels: readonly string[],
  layer: (config: ConvolutionConfig, options: WindowOptions, source: SourceLayer) => Layer,
): Conversion {
  return layerConversion<ConvolutionConfig>((config, source) => {
    expectChannelsLast(source, config.dataFormat);
    const options: WindowOptions = {
      stride: pairOf(config.strides),
      dilation: pairOf([config.dilationRate].flat()),
      padding: paddingOf(config.padding, source),
      bias: config.useBias ? 'learned' : 'none',
    };
    return { layer: activated(layer(config, options, source), config.activation, source), weights: config.useBias ? [...kernels, 'bias'] : kernels };
  });
}

interface PoolingConfig {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: string;
  readonly dataFormat?: string;
}

function pooling(layer: (config: PoolingConfig, options: PoolOptions) => Layer): Conversion {
  return layerConversion<PoolingConfig>((config, source) => {
    expectChannelsLast(source, config.dataFormat);
    return { layer: layer(config, { padding: paddingOf(config.padding, source) }) };
  });
}

function global(layer: () => Layer): Conversion {
  return layerConversion<{ readonly dataFormat?: string }>(({ dataFormat }, source) => {
    expectChannelsLast(source, dataFormat);
    return { layer: layer() };
  });
}

function cropped([[top, bottom], [left, right]]: readonly [Pair, Pair]): Layer {
  return {
    name: 'cropped',
    build(inputShape) {
      const [height, width, channels] = expectImage('Cropping2D', inputShape, [top + bottom + 1, left + right + 1]);
      const outputShape = [height - top - bottom, width - left - right, channels];
      return { specs: {}, inputShape, outputShape, apply: (_params, x) => tf.slice(x, [0, 0, top, left, 0], [-1, -1, ...outputShape]) };
    },
  };
}

function pairOf(sizes: readonly number[]): Pair {
  return [sizes[0]!, sizes[1] ?? sizes[0]!]; // tfjs writes at least one
}

function first(sizes: number | readonly number[]): number {
  return [sizes].flat()[0] as number; // at least one
}

function paddingOf(padding: string, source: SourceLayer): Padding {
  return padding === 'same' || padding === 'valid' ? padding : refuse(source, 'padding', `'same' or 'valid'`, padding, 'pad in a layer of its own');
}
