import * as tf from '@tensorflow/tfjs';
import { activation } from '../nn/activation';
import { activated, expectChannelsLast, layerConversion, refuse, type Conversions } from './conversion';
import { dense } from '../nn/dense';
import { dropout } from '../nn/dropout';
import { flatten } from '../nn/flatten';
import type { Layer } from '../nn/layer';
import { permute, repeat, reshape } from '../nn/reshape';
import { timeDistributed } from '../nn/time-distributed';
import { tokenEmbedding } from '../nn/token-embedding';

/** Dense layers, embeddings, and layers that move values about. */
export const shapeConversions: Conversions = {
  Dense: layerConversion<DenseConfig>(({ units, useBias, activation: name }, source) => ({
    layer: activated(onLastAxis(dense(units, { bias: useBias ? 'learned' : 'none' })), name, source),
    weights: useBias ? ['kernel', 'bias'] : ['kernel'],
  })),
  Embedding: layerConversion<{ readonly inputDim: number; readonly outputDim: number; readonly maskZero?: boolean }>(
    ({ inputDim, outputDim, maskZero }, source) => {
      if (maskZero) refuse(source, 'maskZero', 'false: there are no masks here', maskZero, 'train the model on sequences padded in front, without a mask');
      return { layer: tokenEmbedding(inputDim, outputDim), weights: ['table'] };
    },
  ),
  TimeDistributed: (source) => {
    const { layer: inner } = source.config as { readonly layer: { readonly className: string; readonly config: object } }; // tfjs wrote it
    const converted = source.convert({ ...inner, weights: source.weights });
    return 'layer' in converted ? { ...converted, layer: timeDistributed(converted.layer) } : refuse(source, 'layer', 'one of a single input', inner.className, 'join in front of it');
  },
  Flatten: layerConversion<{ readonly dataFormat?: string }>(({ dataFormat }, source) => {
    expectChannelsLast(source, dataFormat);
    return { layer: flatten() };
  }),
  Reshape: layerConversion<{ readonly targetShape: readonly (number | null)[] }>(({ targetShape }) => ({
    layer: reshape(targetShape.map((size) => size ?? -1)),
  })),
  Permute: layerConversion<{ readonly dims: readonly number[] }>(({ dims }) => ({ layer: permute(dims.map((dim) => dim - 1)) })),
  RepeatVector: layerConversion<{ readonly n: number }>(({ n }) => ({ layer: repeat(n) })),
  Dropout: layerConversion<{ readonly rate: number; readonly noiseShape?: readonly number[] | null }>(({ rate, noiseShape }, source) => {
    if (noiseShape) refuse(source, 'noiseShape', 'none: each value is dropped by itself', noiseShape, 'leave it out');
    return { layer: dropout(rate) };
  }),
  Rescaling: layerConversion<{ readonly scale: number; readonly offset: number }>(({ scale, offset }) => ({
    layer: activation((x) => tf.tidy(() => tf.add(tf.mul(x, scale), offset))),
  })),
};

interface DenseConfig {
  readonly units: number;
  readonly useBias: boolean;
  readonly activation?: string | null;
}

/** The layer itself on features `[F]`; at each position where there are axes before them. */
function onLastAxis(layer: Layer): Layer {
  const at = (rank: number): Layer => (rank > 1 ? timeDistributed(at(rank - 1)) : layer);
  return { name: layer.name, build: (inputShape) => at(inputShape.length).build(inputShape) };
}
