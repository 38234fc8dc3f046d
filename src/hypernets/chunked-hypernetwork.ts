import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { normalInit } from '../core/initializers';
import { countParams, scopeRecord, unscopeRecord, type Params, type ParamSpec, type ParamSpecs } from '../core/params';
import { sizeOf } from '../core/shape';
import { hypernetworkFamily, type Generation } from './family';
import { generator, type GeneratorOptions } from './generator';
import { generatedSpread, type HyperInit, type Spread } from './hyperfan';
import { spreadOut } from './layer-columns';

export interface ChunkedHypernetworkOptions extends GeneratorOptions {
  readonly embeddingSize: number;
  /** Values generated at once. @default 256 */
  readonly chunkSize?: number;
  /** Length of the learned vector that tells one chunk from another. @default embeddingSize */
  readonly chunkEmbeddingSize?: number;
  /** How the output layer starts. @default 'hyperfan-in' */
  readonly init?: HyperInit;
}

/**
 * One small network that generates the base parameters piece by piece, from the task embedding and a learned
 * embedding of each chunk. All chunks of all tasks come out of one pass; what the last one has too much is cut off.
 *
 * All tensors share the output layer, so each is multiplied by its own fixed spread: chunks may straddle tensors.
 *
 * Source: von Oswald et al., "Continual Learning with Hypernetworks", 2020 (arXiv 1906.00695), section 2, "Model
 * compression with chunked hypernetworks".
 *
 * @example
 * chunkedHypernetwork({ embeddingSize: 8, chunkSize: 256 }).build(mlp([1, 40, 40, 1]).specs)
 */
export function chunkedHypernetwork(options: ChunkedHypernetworkOptions): HypernetworkFamily {
  const { embeddingSize, chunkSize = 256, chunkEmbeddingSize = embeddingSize, init = 'hyperfan-in' } = options;
  expectCount('chunkedHypernetwork: chunkSize', chunkSize);
  expectCount('chunkedHypernetwork: chunkEmbeddingSize', chunkEmbeddingSize);
  return hypernetworkFamily('chunkedHypernetwork', embeddingSize, (target) => {
    const spread = generatedSpread(target, init);
    const chunks = Math.ceil(countParams(target) / chunkSize);
    const unit = { chunk: { shape: [chunkSize], mean: 0, deviation: 1 } };
    const network = generator(embeddingSize + chunkEmbeddingSize, unit, options);
    const chunkEmbedding: ParamSpec = {
      shape: [chunks, chunkEmbeddingSize],
      role: 'embedding',
      fanIn: 1,
      init: normalInit(Math.sqrt(options.embeddingSecondMoment ?? 1)),
    };
    return {
      specs: { ...scopeRecord(network.specs, 'chunk'), chunks: chunkEmbedding },
      generate(params, embedding) {
        const x = joinEmbeddings(embedding, params['chunks']!);
        const { chunk } = network.apply(unscopeRecord(params, 'chunk'), x);
        return cutInto(target, spread, chunk!);
      },
    } satisfies Generation;
  });
}

/** embedding `[T, E]` and chunk embeddings `[T|1, chunks, C]` → `[T, chunks, E + C]`. */
export function joinEmbeddings(embedding: tf.Tensor, chunkEmbeddings: tf.Tensor): tf.Tensor {
  const [rows, chunks, chunkEmbeddingSize] = chunkEmbeddings.shape as [number, number, number];
  const [tasks, size] = embedding.shape as [number, number];
  const joined = Math.max(rows, tasks); // adding zeros copies along an axis: its gradient is one sum
  return tf.concat(
    [
      tf.add(tf.expandDims(embedding, 1), tf.zeros([joined, chunks, size])),
      tf.add(chunkEmbeddings, tf.zeros([joined, chunks, chunkEmbeddingSize])),
    ],
    2,
  );
}

/** `[T, chunks, chunkSize]` → every tensor of the target, with its own mean and standard deviation. */
function cutInto(target: ParamSpecs, spread: Readonly<Record<string, Spread>>, chunks: tf.Tensor): Params {
  const [tasks, count, chunkSize] = chunks.shape as [number, number, number];
  const sizes = Object.values(target).map(({ shape }) => sizeOf(shape));
  const excess = count * chunkSize - countParams(target);
  const pieces = tf.split(tf.reshape(chunks, [tasks, count * chunkSize]), excess > 0 ? [...sizes, excess] : sizes, 1);
  return Object.fromEntries(
    Object.entries(target).map(([name, { shape }], index) => {
      const piece = tf.reshape(pieces[index]!, [tasks, ...shape]);
      return [name, spreadOut(piece, spread[name]!)];
    }),
  );
}
