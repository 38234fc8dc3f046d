import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { mapRecord, type Params, type ParamSpecs } from '../core/params';
import { sizeOf } from '../core/shape';
import { hypernetworkFamily } from './family';
import { generateOnce, spreadPieces } from './full-hypernetwork';
import type { GeneratorOptions, Piece } from './generator';
import type { HyperInit } from './hyperfan';

export interface LowRankHypernetworkOptions extends GeneratorOptions {
  readonly embeddingSize: number;
  /** Columns of U and rows of V in W = U · V. @default 2 */
  readonly rank?: number;
  /** How the output layers start. @default 'hyperfan-in' */
  readonly init?: HyperInit;
}

/**
 * Generates each matrix as a product U · V of a few columns and rows, so it needs far fewer outputs than the matrix
 * has values; a convolution's kernel is the matrix `[height * width * channels, filters]`. Vectors, matrices too
 * small to gain by it, and what starts around another value than 0 are generated directly. Weights of low rank are most useful as a difference from learned ones:
 * `residualHypernetwork(lowRankHypernetwork({ … }))`.
 *
 * Source: Hu et al., "LoRA", 2021 (arXiv 2106.09685), equation 3, with both factors generated from an embedding.
 *
 * @example
 * residualHypernetwork(lowRankHypernetwork({ embeddingSize: 8, rank: 2 })).build(mlp([784, 128, 10]).specs)
 */
export function lowRankHypernetwork(options: LowRankHypernetworkOptions): HypernetworkFamily {
  const { embeddingSize, rank = 2, init = 'hyperfan-in' } = options;
  expectCount('lowRankHypernetwork: rank', rank);
  return hypernetworkFamily('lowRankHypernetwork', embeddingSize, (target) => {
    const pieces = factorPieces(spreadPieces(target, init), rank);
    const { specs, generate } = generateOnce(embeddingSize, pieces, options);
    return { specs, generate: (params, embedding) => multiplyFactors(target, generate(params, embedding)) };
  });
}

/** Var(U · V) = rank · Var(U) · Var(V): each factor takes the fourth root of what the product should have. */
function factorPieces(pieces: Readonly<Record<string, Piece>>, rank: number): Readonly<Record<string, Piece>> {
  const factored = Object.entries(pieces).flatMap(([name, piece]): [string, Piece][] => {
    const outputs = piece.shape.at(-1) ?? 1;
    const inputs = sizeOf(piece.shape) / outputs;
    const isSmall = piece.shape.length < 2 || rank * (inputs + outputs) >= inputs * outputs;
    if (isSmall || piece.mean !== 0) return [[name, piece]]; // a product of factors is around 0
    const factor = { mean: 0, deviation: Math.sqrt(piece.deviation / Math.sqrt(rank)) };
    return [
      [`${name}/left`, { shape: [inputs, rank], ...factor }],
      [`${name}/right`, { shape: [rank, outputs], ...factor }],
    ];
  });
  return Object.fromEntries(factored);
}

function multiplyFactors(target: ParamSpecs, generated: Params): Params {
  return mapRecord(target, ({ shape }, name) => {
    const left = generated[`${name}/left`];
    if (!left) return generated[name]!;
    return tf.reshape(tf.matMul(left, generated[`${name}/right`]!), [left.shape[0], ...shape]);
  });
}
