import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, type Params } from '../core/params';
import { formatShape } from '../core/shape';
import { baseParams, baseStatistics, tasksOf } from './base-params';

/**
 * Adapts a small context vector (the task's embedding), an extra input of the base network, from zero; all weights are shared by all tasks.
 * The base network's last input axis holds the task's own values and then the context: give `cavia` with
 * `contextSize: 5` for tasks of one input `mlp([1 + 5, 40, 40, 1])`. Images get the context as extra channels.
 *
 * Source: Zintgraf et al., "Fast Context Adaptation via Meta-Learning", 2019 (arXiv 1810.03642), equation 4.
 *
 * @throws RangeError if the base network has no room for the context
 */
export function cavia(base: Network, { contextSize }: { readonly contextSize: number }): Learner {
  expectCount('cavia: contextSize', contextSize);
  const inputs = base.inputShape.at(-1) ?? 0;
  if (inputs <= contextSize)
    throw new RangeError(
      `cavia: base: expected more than ${contextSize} values on the last input axis (the task's own, then the context), got shape ${formatShape(base.inputShape)}.`,
    );
  return {
    name: 'CAVIA',
    base: withContext(base, contextSize),
    specs: scopeRecord(base.specs, 'base'),
    start: (_meta, task) => ({ embedding: tf.zeros([tasksOf(task), contextSize]) }),
    weights: (meta, { state }) => ({ ...baseParams(base, meta), ...state, ...baseStatistics(base, meta) }),
  };
}

/** The base network with the context as one more parameter in place of an input. */
function withContext(base: Network, contextSize: number): Network {
  const { observe, head } = base;
  const joined = (params: Params, x: tf.Tensor) => joinContext(x, params['embedding']!);
  return {
    specs: base.specs,
    inputShape: [...base.inputShape.slice(0, -1), base.inputShape.at(-1)! - contextSize],
    outputShape: base.outputShape,
    apply: (params, x, pass) => base.apply(params, joined(params, x), pass),
    ...(observe ? { observe: (params, x, pass) => observe(params, joined(params, x), pass) } : {}),
    ...(head ? { head: { ...head, features: (params, x, pass) => head.features(params, joined(params, x), pass) } } : {}),
  };
}

/** x `[T, n, ..., F]` and context `[T, C]` → `[T, n, ..., F + C]`. */
function joinContext(x: tf.Tensor, context: tf.Tensor): tf.Tensor {
  const inner = x.shape.slice(1, -1);
  const [tasks, size] = context.shape as [number, number];
  const spread = tf.tile(tf.reshape(context, [tasks, ...inner.map(() => 1), size]), [1, ...inner, 1]);
  return tf.concat([x, spread], -1);
}
