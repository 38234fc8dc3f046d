import * as tf from '@tensorflow/tfjs';
import { scopeRecord, unscopeRecord } from '../core/params';
import type { ActivationName } from './activation';
import { attention, type Attention, type AttentionOptions } from './attention';
import { layerNorm } from './layer-norm';
import { mlp } from './mlp';

export interface AttentionBlockOptions extends AttentionOptions {
  /** Hidden size of the network that each row goes through. @default 2 · features */
  readonly hidden?: number;
  /** In that network. @default 'relu' */
  readonly activation?: ActivationName;
}

/**
 * A layer of a transformer: h = norm(queries + attention(queries, keys)), then norm(h + network(h)). Rows leave with mean
 * 0 and variance 1. With keys = queries it is the encoder layer of Vaswani et al.
 *
 * Source: Lee et al., "Set Transformer", 2019 (arXiv 1810.00825), equations 6 and 7.
 *
 * @throws RangeError if the heads do not share the features evenly
 */
export function attentionBlock(features: number, options: AttentionBlockOptions = {}): Attention {
  const { heads = 4, hidden = 2 * features, activation = 'relu' } = options;
  const attending = attention(features, { heads });
  const network = mlp([features, hidden, features], { activation });
  const norm = layerNorm().build([features]);
  return {
    specs: {
      ...scopeRecord(attending.specs, 'attention'),
      ...scopeRecord(norm.specs, 'norm1'),
      ...scopeRecord(network.specs, 'network'),
      ...scopeRecord(norm.specs, 'norm2'),
    },
    apply: (params, queries, keys, weight) =>
      tf.tidy(() => {
        const seen = attending.apply(unscopeRecord(params, 'attention'), queries, keys, weight);
        const joined = norm.apply(unscopeRecord(params, 'norm1'), tf.add(queries, seen));
        return norm.apply(unscopeRecord(params, 'norm2'), tf.add(joined, network.apply(unscopeRecord(params, 'network'), joined)));
      }),
  };
}
