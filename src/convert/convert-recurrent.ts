import { scopeRecord } from '../core/params';
import { bidirectional } from '../nn/bidirectional';
import { activationNamed, layerConversion, refuse, type Conversion, type ConvertedLayer, type Conversions, type SourceLayer } from './conversion';
import { gru } from '../nn/gru';
import type { JoinName } from '../nn/join';
import type { Layer } from '../nn/layer';
import { lstm } from '../nn/lstm';
import type { GatedOptions, RecurrentOptions } from '../nn/kernel-cell';
import { simpleRnn } from '../nn/simple-rnn';

/** Recurrent layers, unrolled. */
export const recurrentConversions: Conversions = {
  LSTM: gated((units, options) => lstm(units, options)),
  GRU: gated((units, options) => gru(units, options)),
  SimpleRNN: layerConversion<RecurrentConfig>((config, source) => ({
    layer: simpleRnn(config.units, recurrentOptions(config, source)),
    weights: weightNames(config),
  })),
  Bidirectional: (source) => {
    const { layer: inner, mergeMode } = source.config as BidirectionalConfig; // tfjs wrote it
    const join = merges[mergeMode ?? ''] ?? refuse(source, 'mergeMode', `one of ${Object.keys(merges).join(', ')}`, mergeMode, 'join the two readings');
    const half = source.weights.length / 2;
    const reading = (goBackwards: boolean, weights: SourceLayer['weights']) =>
      source.convert({ className: inner.className, config: { ...inner.config, goBackwards }, weights }) as ConvertedLayer; // a recurrent one
    const forward = reading(Boolean(inner.config.goBackwards), source.weights.slice(0, half));
    const backward = reading(!inner.config.goBackwards, source.weights.slice(half));
    return {
      layer: bidirectional((direction) => (direction === 'forward' ? forward : backward).layer, { join }),
      weights: { ...scopeRecord(forward.weights, 'forward'), ...scopeRecord(backward.weights, 'backward') },
    };
  },
};

const merges: Readonly<Record<string, JoinName>> = { concat: 'concat', sum: 'add', ave: 'average', mul: 'multiply' };

interface BidirectionalConfig {
  readonly layer: { readonly className: string; readonly config: RecurrentConfig };
  readonly mergeMode?: string | null;
}

interface RecurrentConfig {
  readonly units: number;
  readonly activation: string;
  readonly recurrentActivation: string;
  readonly useBias: boolean;
  readonly dropout?: number;
  readonly recurrentDropout?: number;
  readonly returnSequences?: boolean;
  readonly returnState?: boolean;
  readonly goBackwards?: boolean;
  readonly stateful?: boolean;
}

function gated(layer: (units: number, options: GatedOptions) => Layer): Conversion {
  return layerConversion<RecurrentConfig>((config, source) => ({
    layer: layer(config.units, {
      ...recurrentOptions(config, source),
      recurrentActivation: activationNamed(source, 'recurrentActivation', config.recurrentActivation),
    }),
    weights: weightNames(config),
  }));
}

function recurrentOptions(config: RecurrentConfig, source: SourceLayer): RecurrentOptions {
  const { activation, useBias, dropout = 0, recurrentDropout = 0, returnSequences, returnState, goBackwards, stateful } = config;
  if (stateful) refuse(source, 'stateful', 'false: a network is a pure function', stateful, 'build the model without state, on whole sequences');
  if (returnState) refuse(source, 'returnState', 'false: a layer has one output', returnState, 'build the model without it');
  return {
    output: returnSequences ? 'every' : 'last',
    direction: goBackwards ? 'backward' : 'forward',
    activation: activationNamed(source, 'activation', activation),
    bias: useBias ? 'learned' : 'none',
    dropout,
    recurrentDropout,
  };
}

function weightNames({ useBias }: RecurrentConfig): readonly string[] {
  return ['kernel', 'recurrentKernel', ...(useBias ? ['bias'] : [])];
}
