import * as tf from '@tensorflow/tfjs';
import { expectCount, expectNotNegative } from '../core/errors';
import type { At } from '../core/learner';
import { mapParams, type Params } from '../core/params';
import { valueAndGradients, valueAndPartials } from '../ops/gradients';
import { conjugateGradients, taskDot } from './conjugate-gradients';
import { expectAdapted, expectReached } from './expect-reached';
import { innerLoop, queryLoss, supportLoss } from './inner-loop';
import type { MetaGradient } from './meta-gradient';

export interface ImplicitOptions {
  /** Steps on the linear system; each costs one product with the inner loss's second derivatives. @default 5 */
  readonly conjugateSteps?: number;
  /**
   * Added to the second derivatives of the inner loss in the system: shorter, safer solutions where they are small. What the
   * authors' code solves amounts to λ + 20. @default 0
   */
  readonly damping?: number;
}

/**
 * iMAML: the meta-gradient where the inner loop ends, whatever way it came. At a minimum φ of the inner loss G, which
 * holds φ to its start θ, the implicit function theorem gives it without the steps that led there:
 *
 *     ∂L_query/∂meta − (∂²G/∂meta ∂φ)ᵀ v,   where (∂²G/∂φ²) v = ∂L_query/∂φ
 *
 * With G = L_support + λ/2 ‖φ − θ‖² this is (I + ∇²L_support / λ)⁻¹ ∇L_query. The system is solved per task by conjugate
 * gradients; compiled, memory does not grow with `innerSteps`. The steps must come near the minimum: take 10 or more. A task is solved no
 * further where second derivatives along the way are not positive, and adds nothing where that is so at once: raise λ, and prefer
 * smooth activations. It does not see whether the steps converge, and may lead to where they do not, as curvature grows unseen: a
 * loss that falls and then rises asks for a network with a norm, which holds curvature down, or a lower `innerLearningRate`.
 *
 * Source: Rajeswaran, Finn, Kakade, Levine, "Meta-Learning with Implicit Gradients", 2019 (arXiv 1909.04630), equation 6
 * and algorithm 2.
 *
 * @throws RangeError, on the first step, for a learner without an inner loss that holds it to its start
 */
export function implicit({ conjugateSteps = 5, damping = 0 }: ImplicitOptions = {}): MetaGradient {
  expectCount('implicit: conjugateSteps', conjugateSteps);
  expectNotNegative('implicit: damping', damping);
  const metaGradient: MetaGradient = (learner, meta, batch, noise, inner) => {
    const such = 'a learner whose inner loss holds it to its start, such as imaml(base, { lambda: 2 })';
    if (!learner.innerLoss) throw new RangeError(`implicit: expected ${such}, got the ${learner.name} learner.`);
    const task = { ...batch, noise };
    const end = innerLoop(learner, meta, task, { ...inner, order: 'first' }).at(-1)!;
    const adapted = expectAdapted('implicit', learner, end.state, inner); // φ
    const near = (at: At, state: Params): At => ({ ...at, state: { ...at.state, ...state } });
    const slopes = (params: Params, at: At, state: Params) =>
      valueAndGradients((moved) => supportLoss(learner, params, near(at, moved), inner.loss), state).gradients; // ∇G
    const query = valueAndGradients((state) => queryLoss(learner, meta, near(end, state), batch.query, inner.loss), adapted);
    const curved = (vector: Params) => {
      const { gradients } = valueAndGradients((state) => taskDot(slopes(meta, end, state), vector), adapted);
      return damping === 0 ? gradients : mapParams(gradients, (gradient, name) => tf.add(gradient, tf.mul(vector[name]!, damping)));
    };
    const solution = conjugateGradients(curved, query.gradients, conjugateSteps); // v
    const { gradients } = valueAndPartials((params) => {
      const start = learner.start(params, task); // θ
      const at = near({ ...end, start, state: start }, adapted);
      const pull = taskDot(slopes(params, at, adapted), solution);
      return tf.mean(tf.sub(queryLoss(learner, params, at, batch.query, inner.loss), pull));
    }, meta);
    return { loss: tf.mean<tf.Scalar>(query.value), gradients: expectReached('implicit', learner, gradients, such) };
  };
  return Object.assign(metaGradient, { settings: { name: 'implicit', conjugateSteps, damping } });
}
