import { batchNorm } from '../nn/batch-norm';
import { nameWeights, refuse, type Conversions, type SourceLayer } from './conversion';
import { layerNorm, type NormOptions } from '../nn/layer-norm';
import type { Layer } from '../nn/layer';

/** Norms over the last axis. */
export const normConversions: Conversions = {
  BatchNormalization: (source) => {
    const config = source.config as NormConfig; // tfjs wrote it
    const learned = learnedOf(config);
    const { mean, variance, ...weights } = nameWeights(source, [...learned.names, 'mean', 'variance']);
    const statistics = source.statistics === 'fixed' ? { mean: mean!.values, variance: variance!.values } : source.statistics;
    const layer = overLastAxis(batchNorm({ ...learned.options, statistics, epsilon: config.epsilon }), config, source);
    return { layer, weights: statistics === 'running' ? { ...weights, mean: mean!, variance: variance! } : weights };
  },
  LayerNormalization: (source) => {
    const config = source.config as NormConfig; // tfjs wrote it
    const { names, options } = learnedOf(config);
    const layer = layerNorm({ ...options, epsilon: config.epsilon });
    return { layer: overLastAxis(layer, config, source), weights: nameWeights(source, names) };
  },
};

interface NormConfig {
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  readonly scale: boolean;
  readonly center: boolean;
}

/** What a norm learns, and our names of it in tfjs's order. */
function learnedOf({ scale, center }: NormConfig): { readonly options: NormOptions; readonly names: readonly string[] } {
  return {
    options: { scale: scale ? 'learned' : 'none', shift: center ? 'learned' : 'none' },
    names: [...(scale ? ['scale'] : []), ...(center ? ['shift'] : [])],
  };
}

function overLastAxis(layer: Layer, { axis }: NormConfig, source: SourceLayer): Layer {
  return {
    name: layer.name,
    build(inputShape) {
      const axes = [axis].flat();
      if (axes.length !== 1 || ![-1, inputShape.length].includes(axes[0]!))
        refuse(source, 'axis', 'the last', axis, 'build the model with features last');
      return layer.build(inputShape);
    },
  };
}
