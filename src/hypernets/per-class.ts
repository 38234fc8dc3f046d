import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { Hypernetwork, HypernetworkFamily } from '../core/hypernetwork';
import { constantInit, heInit } from '../core/initializers';
import { mapParams, type Params, type ParamSpecs } from '../core/params';
import { expectShape } from '../core/shape';

/** Class embeddings → a linear head with one column per class. */
export interface ClassGenerator {
  readonly specs: ParamSpecs;
  readonly embeddingSize: number;
  /** The one that runs on every class embedding; its target is a single column. */
  readonly hypernetwork: Hypernetwork;
  /** `embedding` [T, ways, embeddingSize] → `kernel` [T, features, ways] and `bias` [T, ways]. */
  generate(params: Params, embedding: tf.Tensor): Params;
}

/**
 * Generates the head of an N-way network column by column: one hypernetwork, whose target is a single column, runs on
 * every class embedding. No size depends on the number of classes, and permuting classes permutes columns.
 *
 * Source: Qiao et al., "Few-Shot Image Recognition by Predicting Parameters from Activations", 2018
 * (arXiv 1706.03466), section 3.
 *
 * @throws RangeError if `features` is not a count
 * @throws ShapeError from `generate`, if the embedding is not `[T, ways, embeddingSize]`
 */
export function perClass(family: HypernetworkFamily, { features }: { readonly features: number }): ClassGenerator {
  expectCount('perClass: features', features);
  const hypernetwork = family.build({
    kernel: { shape: [features], role: 'kernel', fanIn: features, init: heInit(features) },
    bias: { shape: [], role: 'bias', fanIn: features, init: constantInit(0) },
  });
  const { specs, embeddingSize, generate } = hypernetwork;
  return {
    specs,
    embeddingSize,
    hypernetwork,
    generate(params, embedding) {
      expectShape('class embedding', embedding, [null, null, embeddingSize]);
      const [tasks, ways] = embedding.shape as [number, number, number];
      return tf.tidy(() => {
        const columns = generate(perColumn(params, ways), tf.reshape(embedding, [tasks * ways, embeddingSize]));
        const [kernel, bias] = [forColumns(columns['kernel']!, tasks * ways), forColumns(columns['bias']!, tasks * ways)];
        return { kernel: tf.transpose(tf.reshape(kernel, [tasks, ways, features]), [0, 2, 1]), bias: tf.reshape(bias, [tasks, ways]) };
      });
    },
  };
}

/** A copy for each of `count` columns, of what all share. */
function forColumns(value: tf.Tensor, count: number): tf.Tensor {
  return value.shape[0] === count ? value : tf.add(value, tf.zeros([count, ...value.shape.slice(1)]));
}

/** A task's own hypernetwork parameters, once for each of its classes; shared ones stay shared. */
function perColumn(params: Params, ways: number): Params {
  return mapParams(params, (value) => {
    const [tasks, ...shape] = value.shape as [number, ...number[]];
    if (tasks === 1) return value;
    const repeated = tf.add(tf.expandDims(value, 1), tf.zeros([tasks, ways, ...shape]));
    return tf.reshape(repeated, [tasks * ways, ...shape]);
  });
}
