import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { normalInit } from '../core/initializers';
import { mapRecord, scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import { dense } from '../nn/dense';
import { joinEmbeddings } from './chunked-hypernetwork';
import { hypernetworkFamily, type Generation } from './family';
import { generator, type GeneratorOptions } from './generator';
import { generatedSpread, type HyperInit } from './hyperfan';
import { fromColumns, layerColumns, type LayerColumns } from './layer-columns';

export interface LayerwiseHypernetworkOptions extends GeneratorOptions {
  readonly embeddingSize: number;
  /** Length of the learned vector that tells one layer from another. @default embeddingSize */
  readonly layerEmbeddingSize?: number;
  /** Length of the learned vector that tells one position in a layer from another. @default 32 */
  readonly positionEmbeddingSize?: number;
  /** How the output layer starts. @default 'hyperfan-in' */
  readonly init?: HyperInit;
}

/**
 * One small network that generates the base parameters feature by feature: a chunk is all that leads to one output
 * feature or filter of a layer, its bias included, and never straddles layers. A network of the task embedding and a
 * learned embedding of the layer makes features of the layer; those times a learned embedding of the position, which all
 * layers share, go through one linear map. Shorter chunks are cut from the longest, so it suits base networks whose
 * layers have about as many inputs.
 *
 * Positions multiply, because beside the task and the layer they would hardly count: at the start all the features of a
 * layer would be nearly the same one.
 *
 * Source: von Oswald et al., "Continual Learning with Hypernetworks", 2020 (arXiv 1906.00695), section 2, with chunks
 * that follow the layers, as in Ha, Dai, Le, "HyperNetworks", 2016 (arXiv 1609.09106), section 3.1.
 *
 * @example
 * layerwiseHypernetwork({ embeddingSize: 8 }).build(mlp([1, 40, 40, 1]).specs) // 81 chunks of up to 41 values
 */
export function layerwiseHypernetwork(options: LayerwiseHypernetworkOptions): HypernetworkFamily {
  const { embeddingSize, layerEmbeddingSize = embeddingSize, positionEmbeddingSize = 32, init = 'hyperfan-in' } = options;
  expectCount('layerwiseHypernetwork: layerEmbeddingSize', layerEmbeddingSize);
  expectCount('layerwiseHypernetwork: positionEmbeddingSize', positionEmbeddingSize);
  return hypernetworkFamily('layerwiseHypernetwork', embeddingSize, (target) => {
    const spread = generatedSpread(target, init);
    const layers = Object.values(layerColumns(target));
    const positions = Math.max(...layers.map(({ columns }) => columns));
    const longest = Math.max(...layers.map(({ length }) => length));
    const unit = { features: { shape: [positionEmbeddingSize], mean: 0, deviation: 1 } };
    const network = generator(embeddingSize + layerEmbeddingSize, unit, options);
    const output = dense(longest, { init: (fanIn) => normalInit(1 / Math.sqrt(fanIn)) }).build([positionEmbeddingSize]);
    const embeddings = { role: 'embedding', fanIn: 1 } as const;
    const tables: ParamSpecs = {
      layers: { shape: [layers.length, layerEmbeddingSize], ...embeddings, init: normalInit(Math.sqrt(options.embeddingSecondMoment ?? 1)) },
      positions: { shape: [positions, positionEmbeddingSize], ...embeddings, init: normalInit(1) },
    };
    return {
      specs: { ...scopeRecord(network.specs, 'layer'), ...scopeRecord(output.specs, 'chunk'), ...tables },
      generate(params, embedding) {
        const { features } = network.apply(unscopeRecord(params, 'layer'), joinEmbeddings(embedding, params['layers']!));
        const chunks = output.apply(unscopeRecord(params, 'chunk'), atPositions(layers, features!, params['positions']!));
        const parts = tf.split(chunks, layers.map(({ columns }) => columns), 1);
        const made = layers.map((layer, index) => fromColumns(layer, spread, parts[index]!));
        const generated: Params = Object.assign({}, ...made);
        return mapRecord(target, (_spec, name) => generated[name]!);
      },
    } satisfies Generation;
  });
}

/** Features of the layers `[T, L, F]` times the embeddings of positions `[T|1, positions, F]` → `[T, chunks, F]`. */
function atPositions(layers: readonly LayerColumns[], features: tf.Tensor, positions: tf.Tensor): tf.Tensor {
  const [owners, , size] = positions.shape as [number, number, number];
  const chunks = tf.split(features, layers.length, 1).map((layer, index) =>
    tf.mul(layer, tf.slice(positions, [0, 0, 0], [owners, layers[index]!.columns, size])),
  );
  return tf.concat(chunks, 1);
}
