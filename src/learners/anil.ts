import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { tileParams } from '../core/params';
import { baseSpecs, baseWeights, defaultHead, expectHead, headParams, tasksOf, tileHead, waysOf, type HeadStart } from './base-params';

/**
 * MAML that adapts the head only. The body is shared by all tasks, so it runs as one ordinary network.
 *
 * Source: Raghu et al., "Rapid Learning or Feature Reuse?", 2020 (arXiv 1909.09157), section 4.
 *
 * @throws RangeError if the base network has no linear last layer
 */
export function anil(base: Network, { head = defaultHead(base) }: { readonly head?: HeadStart } = {}): Learner {
  expectHead('anil', base);
  return {
    name: 'ANIL',
    base,
    specs: baseSpecs(base, head),
    ...(head === 'any-ways' ? { ways: 'any' } : {}),
    start: (meta, task) => tileParams(tileHead(base, headParams(base, meta), waysOf(task)), tasksOf(task)),
    weights: baseWeights,
  };
}
