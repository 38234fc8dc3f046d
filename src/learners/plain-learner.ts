import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { baseSpecs, baseWeights } from './base-params';

/**
 * One network for all tasks: its weights are meta-parameters, and a task has nothing of its own. What tasks that come one
 * after another overwrite, and what joint training means.
 */
export function plainLearner(base: Network): Learner {
  return {
    name: 'plain',
    base,
    specs: baseSpecs(base, 'columns'),
    start: () => ({}),
    weights: (meta) => baseWeights(meta),
  };
}
