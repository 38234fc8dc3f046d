import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { tileParams } from '../core/params';
import { baseSpecs, baseWeights, bodyParams, expectHead, steppedSpecs, tasksOf } from './base-params';

/**
 * MAML that adapts the body only: the mirror of ANIL. The head stays at its learned start, shared by all tasks, so a
 * task is learned by moving its features to the columns that are there.
 *
 * The head has a column for each output, and so a fixed number of ways. A shared column would not do: where all classes
 * have the same column w, the gradient of the features is (Σ p − Σ y) w = 0, and nothing moves.
 *
 * Source: Oh et al., "BOIL: Towards Representation Change for Few-shot Learning", 2021 (arXiv 2008.08882), section 3.
 *
 * @throws RangeError if the base network has no linear last layer, or nothing in front of it
 */
export function boil(base: Network): Learner {
  const head = expectHead('boil', base);
  if (Object.keys(steppedSpecs(base, 'columns')).every((name) => name === head.kernel || name === head.bias))
    throw new RangeError('boil: base: expected layers with parameters in front of the last one, got none; add a dense layer.');
  return {
    name: 'BOIL',
    base,
    specs: baseSpecs(base, 'columns'),
    start: (meta, task) => tileParams(bodyParams(base, meta), tasksOf(task)),
    weights: baseWeights,
  };
}
