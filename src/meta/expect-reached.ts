import type * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { Learner } from '../core/learner';
import { filterRecord, type Params } from '../core/params';
import type { InnerOptions } from './inner-loop';

/**
 * Entries of a state that gradient steps change, for meta-gradients that look at the end of the inner loop alone.
 *
 * @throws RangeError if there are none, or the learner has a penalty on the way that would be left out
 */
export function expectAdapted(where: string, learner: Learner, state: Params, { steps }: InnerOptions): Params {
  expectCount(`${where}: innerSteps`, steps);
  if (learner.penalty)
    throw new RangeError(`${where}: expected a learner without a penalty on the way, got the ${learner.name} learner; train it with unrolled().`);
  const { adapts = () => Object.keys(state) } = learner;
  const names = new Set(Array.from({ length: steps }, (_, step) => adapts(step)).flat());
  const adapted = filterRecord(state, (name) => names.has(name));
  if (Object.keys(adapted).length === 0)
    throw new RangeError(`${where}: expected a learner that gradient steps adapt, got the ${learner.name} learner; train it with unrolled().`);
  return adapted;
}

/**
 * The gradients, once there is one for every meta-parameter.
 *
 * @param such what would do instead
 * @throws RangeError naming a meta-parameter that would never be trained
 */
export function expectReached(where: string, learner: Learner, gradients: Readonly<Record<string, tf.Tensor | undefined>>, such: string): Params {
  const missing = Object.keys(gradients).find((name) => gradients[name] === undefined);
  if (missing !== undefined)
    throw new RangeError(`${where}: expected ${such}, got the ${learner.name} learner, whose meta-parameter '${missing}' would never be trained; use unrolled().`);
  return gradients as Params; // none is missing
}
