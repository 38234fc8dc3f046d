import * as tf from '@tensorflow/tfjs';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { mapParams, mapRecord, type Params, type ParamSpecs } from '../core/params';
import { hypernetworkFamily, type Generation } from './family';
import { generator, type GeneratorOptions, type Piece } from './generator';
import { generatedSpread, type HyperInit } from './hyperfan';

export interface FullHypernetworkOptions extends GeneratorOptions {
  readonly embeddingSize: number;
  /** How the output layers start. @default 'hyperfan-in' */
  readonly init?: HyperInit;
}

/**
 * One network that generates every base parameter: a trunk of dense layers, and one linear layer for each tensor of
 * the target. Its size is about (last hidden size + 1) times that of the target; `hidden: []` is a linear
 * hypernetwork.
 *
 * Source: Ha, Dai, Le, "HyperNetworks", 2016 (arXiv 1609.09106), section 3.1; von Oswald et al., "Continual Learning
 * with Hypernetworks", 2020 (arXiv 1906.00695), section 2.
 *
 * @example
 * fullHypernetwork({ embeddingSize: 8, hidden: [64] }).build(mlp([1, 40, 1]).specs)
 */
export function fullHypernetwork(options: FullHypernetworkOptions): HypernetworkFamily {
  const { embeddingSize, init = 'hyperfan-in' } = options;
  return hypernetworkFamily('fullHypernetwork', embeddingSize, (target) =>
    generateOnce(embeddingSize, spreadPieces(target, init), options),
  );
}

/** The target as the pieces of a generator. */
export function spreadPieces(target: ParamSpecs, init: HyperInit): Readonly<Record<string, Piece>> {
  const spread = generatedSpread(target, init);
  return mapRecord(target, ({ shape }, name) => ({ shape, ...spread[name]! }));
}

/** Every piece, generated from the embedding in one pass: embedding `[T, E]` → each `[T, ...shape]`. */
export function generateOnce(
  embeddingSize: number,
  pieces: Readonly<Record<string, Piece>>,
  options: GeneratorOptions,
): Generation {
  const { specs, apply } = generator(embeddingSize, pieces, options);
  return {
    specs,
    generate(params: Params, embedding: tf.Tensor) {
      const generated = apply(params, tf.expandDims(embedding, 1));
      return mapParams(generated, (value) => tf.reshape(value, [value.shape[0], ...value.shape.slice(2)]));
    },
  };
}
