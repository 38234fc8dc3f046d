import {
  activation,
  averagePool,
  averagePool1d,
  batchNorm,
  conv1d,
  conv2d,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  globalAveragePool,
  globalMaxPool,
  gru,
  hyperLstm,
  layerNorm,
  layerNormLstm,
  lstm,
  maxPool,
  maxPool1d,
  reshape,
  residual,
  separableConv2d,
  sine,
  tokenEmbedding,
  type Described,
  type Layer,
  type LayerKinds,
} from 'hypermeta';
import * as z from 'zod';
import { count, described, make, optional, positive, row, share, type Rows } from './config-rows';

export const activationName = z.enum([
  'relu', 'tanh', 'sigmoid', 'linear', 'relu6', 'softplus', 'softsign', 'hardSigmoid', 'elu', 'selu', 'leakyRelu', 'swish', 'gelu', 'mish', 'sin', 'softmax',
]);
export const statistics = z.enum(['support', 'batch', 'running']);

const pair = z.union([count, z.tuple([count, count])]);
const learned = z.enum(['learned', 'none']);
const windows = optional({ kernelSize: pair, stride: pair, padding: z.enum(['same', 'valid']), dilation: pair, bias: learned });
const alongSequences = optional({ kernelSize: count, stride: count, padding: z.enum(['same', 'valid']), dilation: count, bias: learned });
const pool = optional({ size: pair, stride: pair });
const pool1d = optional({ size: count, stride: count });
const norm = optional({ epsilon: positive, scale: learned, shift: learned });
const sequence = { output: z.enum(['last', 'every']), direction: z.enum(['forward', 'backward']) };
const recurrent = { units: count, ...optional({ ...sequence, dropout: share, recurrentDropout: share }) };
const generating = { units: count, ...optional({ ...sequence, hyperUnits: count, embeddingSize: count, norm: z.enum(['none', 'layer']), candidateDropout: share }) };
export const layerList: z.ZodType<readonly Described<LayerKinds>[]> = z.lazy(() => z.array(layer));

/** Layers of `{ kind: 'layers' }`. A new one is a row. */
const layers: Rows<LayerKinds, undefined, Layer> = {
  dense: row({ units: count }, ({ units }) => dense(units)),
  activation: row({ name: activationName }, ({ name }) => activation(name)),
  conv2d: row({ filters: count, ...windows }, ({ filters, kernelSize, ...options }) => conv2d(filters, kernelSize, options)),
  depthwiseConv2d: row({ ...windows, ...optional({ multiplier: count }) }, ({ kernelSize, ...options }) => depthwiseConv2d(kernelSize, options)),
  separableConv2d: row({ filters: count, ...windows, ...optional({ multiplier: count }) }, ({ filters, kernelSize, ...options }) =>
    separableConv2d(filters, kernelSize, options),
  ),
  conv1d: row({ filters: count, ...alongSequences }, ({ filters, kernelSize, ...options }) => conv1d(filters, kernelSize, options)),
  maxPool: row(pool, ({ size, stride }) => maxPool(size, stride)),
  averagePool: row(pool, ({ size, stride }) => averagePool(size, stride)),
  maxPool1d: row(pool1d, ({ size, stride }) => maxPool1d(size, stride)),
  averagePool1d: row(pool1d, ({ size, stride }) => averagePool1d(size, stride)),
  globalAveragePool: row({}, () => globalAveragePool()),
  globalMaxPool: row({}, () => globalMaxPool()),
  flatten: row({}, () => flatten()),
  reshape: row({ shape: z.array(count) }, ({ shape }) => reshape(shape)),
  batchNorm: row({ ...norm, ...optional({ statistics }) }, (options) => batchNorm(options)),
  layerNorm: row(norm, (options) => layerNorm(options)),
  dropout: row({ rate: share }, ({ rate }) => dropout(rate)),
  tokenEmbedding: row({ vocabulary: count, size: count }, ({ vocabulary, size }) => tokenEmbedding(vocabulary, size)),
  lstm: row(recurrent, ({ units, ...options }) => lstm(units, options)),
  gru: row(recurrent, ({ units, ...options }) => gru(units, options)),
  layerNormLstm: row(recurrent, ({ units, ...options }) => layerNormLstm(units, options)),
  hyperLstm: row(generating, ({ units, ...options }) => hyperLstm(units, options)),
  sine: row({ units: count, ...optional({ omega: positive, place: z.enum(['first', 'hidden']) }) }, ({ units, ...options }) => sine(units, options)),
  residual: row({ layers: layerList }, ({ layers: inner }) => residual(makeLayers(inner))),
};

const layer = described(layers);

export function makeLayers(list: readonly Described<LayerKinds>[]): readonly Layer[] {
  return list.map((each) => make(layers, each, undefined));
}
