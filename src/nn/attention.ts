import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { normalInit } from '../core/initializers';
import { mapRecord, type Params, type ParamSpecs } from '../core/params';
import { taskMatMul } from '../ops/task-mat-mul';

export interface AttentionOptions {
  /** Attentions side by side, each on its share of the features. @default 4 */
  readonly heads?: number;
}

/** What looks from one set of rows at another. */
export interface Attention {
  readonly specs: ParamSpecs;
  /**
   * queries `[T|1, m, features]`, keys `[T|1, n, features]` → `[T, m, features]`. `weight` `[T, n]`, or `[T, m, n]` where
   * queries differ in it, is what each key counts for: nothing at 0. The caller disposes.
   */
  apply(params: Params, queries: tf.Tensor, keys: tf.Tensor, weight?: tf.Tensor): tf.Tensor;
}

/**
 * Multi-head attention, softmax(Q Kᵀ / √d) V for each head, right to second order.
 *
 * Source: Vaswani et al., "Attention Is All You Need", 2017 (arXiv 1706.03762), equation 1 and section 3.2.2.
 *
 * @throws RangeError if the heads do not share the features evenly
 */
export function attention(features: number, { heads = 4 }: AttentionOptions = {}): Attention {
  expectCount('attention: features', features);
  expectCount('attention: heads', heads);
  if (features % heads !== 0)
    throw new RangeError(`attention: heads: expected a divisor of the ${features} features, got ${heads}.`);
  const kernel = { shape: [features, features], role: 'kernel', fanIn: features, init: normalInit(1 / Math.sqrt(features)) } as const;
  return {
    specs: mapRecord({ query: 0, key: 0, value: 0, output: 0 }, () => kernel),
    apply: (params, queries, keys, weight) =>
      tf.tidy(() => {
        const asked = taskMatMul(queries, params['query']!);
        const [offered, told] = [taskMatMul(keys, params['key']!), taskMatMul(keys, params['value']!)];
        const tasks = Math.max(asked.shape[0], offered.shape[0], told.shape[0]);
        const split = (rows: tf.Tensor) => splitHeads(rows, tasks, heads);
        const scores = tf.mul(tf.matMul(split(asked), split(offered), false, true), Math.sqrt(heads / features));
        const shares = tf.softmax(weight ? tf.add(scores, logWeight(weight)) : scores);
        const seen = tf.transpose(tf.matMul(shares, split(told)), [0, 2, 1, 3]);
        return taskMatMul(tf.reshape(seen, [tasks, queries.shape[1]!, features]), params['output']!);
      }),
  };
}

/** `[T|1, n, features]` → `[T, heads, n, features / heads]`. */
function splitHeads(rows: tf.Tensor, tasks: number, heads: number): tf.Tensor {
  const [owners, n, features] = rows.shape as [number, number, number];
  const own = owners === tasks ? rows : tf.add(rows, tf.zeros([tasks, n, features])); // copies, whose gradient is one sum
  return tf.transpose(tf.reshape(own, [tasks, n, heads, features / heads]), [0, 2, 1, 3]);
}

/** Below any score: its share of a softmax is exactly 0. */
const never = -1e9;

/** What a weight `[T, n]` or `[T, m, n]` adds to the scores `[T, heads, m, n]`, so that each key counts as often. */
function logWeight(weight: tf.Tensor): tf.Tensor {
  const absent = tf.cast(tf.equal(weight, 0), 'float32');
  const added = tf.add(tf.log(tf.add(weight, absent)), tf.mul(absent, never));
  return tf.expandDims(weight.rank === 2 ? tf.expandDims(added, 1) : added, 1);
}
