import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { normalInit } from '../core/initializers';
import { scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import { attentionBlock, type AttentionBlockOptions } from '../nn/attention-block';
import { dense } from '../nn/dense';
import { mlp } from '../nn/mlp';

/** A set of rows, encoded by attention and pooled into one row for each of several readers. */
export interface AttentionPooling {
  readonly specs: ParamSpecs;
  /** Features of a pooled row. */
  readonly width: number;
  /** rows `[T, n, inputs]`, weight `[T, n]`; readers `[T, m, n]`, what each of m readers counts the rows for → `[T, m, width]`. */
  pool(params: Params, rows: tf.Tensor, weight: tf.Tensor, readers: tf.Tensor): tf.Tensor;
}

export interface AttentionPoolingOptions extends AttentionBlockOptions {
  /** Features of a row inside; a multiple of `heads`. @default 32 */
  readonly width?: number;
  /** Blocks in which the rows attend to each other, before they are pooled. @default 1 */
  readonly blocks?: number;
}

/**
 * Rows that attend to each other, and a learned seed that attends to them all, once for each reader.
 *
 * Source: Lee et al., "Set Transformer", 2019 (arXiv 1810.00825), equations 8 (blocks) and 11 (pooling, with one seed).
 *
 * @throws RangeError if the heads do not share the width evenly
 */
export function attentionPooling(where: string, inputs: number, options: AttentionPoolingOptions): AttentionPooling {
  const { width = 32, blocks = 1, activation = 'relu' } = options;
  expectCount(`${where}: blocks`, blocks, 0);
  const lift = dense(width).build([inputs]);
  const block = attentionBlock(width, options);
  const blockNames = Array.from({ length: blocks }, (_, index) => `block${index + 1}`);
  const beforePooling = mlp([width, width, width], { activation }); // rFF of equation 11
  return {
    width,
    specs: {
      ...scopeRecord(lift.specs, 'lift'),
      ...(Object.assign({}, ...blockNames.map((name) => scopeRecord(block.specs, name))) as ParamSpecs), // joined records lose their type
      ...scopeRecord(beforePooling.specs, 'feed'),
      seed: { shape: [width], role: 'embedding', fanIn: 1, init: normalInit(1) },
      ...scopeRecord(block.specs, 'pool'),
    },
    pool(params, rows, weight, readers) {
      const lifted = lift.apply(unscopeRecord(params, 'lift'), rows);
      const related = blockNames.reduce((seen, name) => block.apply(unscopeRecord(params, name), seen, seen, weight), lifted);
      const keys = beforePooling.apply(unscopeRecord(params, 'feed'), related);
      const [tasks, readersEach] = readers.shape as [number, number, number];
      const seeds = tf.add(tf.expandDims(params['seed']!, 1), tf.zeros([tasks, readersEach, width]));
      return block.apply(unscopeRecord(params, 'pool'), seeds, keys, readers);
    },
  };
}
