import { countParams, dense, hyperLstm, layerNormLstm, lstm, normalInit, sequential, timeDistributed, tokenEmbedding, type HyperLstmOptions, type Layer, type LstmOptions, type Network } from 'hypermeta';

/** A recurrent layer of any number of units. */
export interface Model {
  readonly name: string;
  readonly layer: (units: number, options: Pick<LstmOptions & HyperLstmOptions, 'output' | 'candidateDropout'>) => Layer;
  /** What it has beside its units. */
  readonly about?: string;
}

const hyper = { hyperUnits: 16, embeddingSize: 4 } as const;
const about = `hyper LSTM of ${hyper.hyperUnits} units, embeddings of ${hyper.embeddingSize}`;

/** In the order in which they are trained. */
export const models: readonly Model[] = [
  { name: 'LSTM', layer: lstm },
  { name: 'HyperLSTM', about, layer: (units, options) => hyperLstm(units, { ...options, ...hyper }) },
  { name: 'layer-norm LSTM', layer: layerNormLstm },
  { name: 'layer-norm HyperLSTM', about, layer: (units, options) => hyperLstm(units, { ...options, ...hyper, norm: 'layer' }) },
];

/** Sizes that all models share. */
export interface Sizes {
  /** Of the plain LSTM: the others get as many as make them as large. */
  readonly units: number;
  /** Characters there are. */
  readonly vocabulary: number;
  readonly candidateDropout: number;
}

/** From numbers of characters to logits of those that follow: `[T, n, length]` → `[T, n, length, vocabulary]`. */
export function characterNetwork({ layer }: Model, units: number, { vocabulary, candidateDropout }: Sizes, length: number): Network {
  return sequential([length], [
    tokenEmbedding(vocabulary, 32, { init: normalInit(1) }),
    layer(units, { output: 'every', candidateDropout }),
    timeDistributed(dense(vocabulary)),
  ]);
}

/** The units with which a model comes closest to the plain LSTM's number of parameters. */
export function unitsOf(model: Model, sizes: Sizes): number {
  const size = (each: Model, units: number) => countParams(characterNetwork(each, units, sizes, 1).specs);
  const wanted = size(models[0]!, sizes.units);
  let units = 1;
  while (size(model, units + 1) <= wanted) units++;
  return wanted - size(model, units) <= size(model, units + 1) - wanted ? units : units + 1;
}
