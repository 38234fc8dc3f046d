import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { tileParams } from '../core/params';
import { baseParams, baseSpecs, baseStatistics, defaultHead, tileHead, tasksOf, waysOf, type HeadStart } from './base-params';

/**
 * A learned start of all base weights, adapted by gradient steps. With `order: 'first'` in the inner loop this is
 * first-order MAML.
 *
 * Source: Finn, Abbeel, Levine, "Model-Agnostic Meta-Learning", 2017 (arXiv 1703.03400), equation 1. The shared head
 * column is that of Ye and Chao, "How to Train Your MAML to Excel in Few-Shot Classification", 2022
 * (arXiv 2106.16245), section 5.
 */
export function maml(base: Network, { head = defaultHead(base) }: { readonly head?: HeadStart } = {}): Learner {
  return {
    name: 'MAML',
    base,
    specs: baseSpecs(base, head),
    ...(head === 'any-ways' ? { ways: 'any' } : {}),
    start: (meta, task) => tileParams(tileHead(base, baseParams(base, meta), waysOf(task)), tasksOf(task)),
    weights: (meta, state) => ({ ...state, ...baseStatistics(base, meta) }),
  };
}
