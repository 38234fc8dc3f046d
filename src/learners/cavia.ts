import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord } from '../core/params';
import { baseWeights, tasksOf } from './base-params';
import { withContext } from './with-context';

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
  return {
    name: 'CAVIA',
    base: withContext('cavia', base, contextSize),
    specs: scopeRecord(base.specs, 'base'),
    start: (_meta, task) => ({ embedding: tf.zeros([tasksOf(task), contextSize]) }),
    weights: baseWeights,
  };
}
