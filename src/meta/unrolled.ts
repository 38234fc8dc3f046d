import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { valueAndGradients } from '../ops/gradients';
import { innerLoop, queryLoss } from './inner-loop';
import type { MetaGradient } from './meta-gradient';
import { stepWeights } from './step-weights';

export interface UnrolledOptions {
  /**
   * The query loss that is followed: the one after the last inner step; the mean of those after every step; or a
   * weighted mean of these, which goes from equal weights to the last step alone over so many outer steps (MAML++'s
   * multi-step loss: Antoniou et al., "How to train your MAML", 2019, arXiv 1810.09502, section 4). @default 'last'
   */
  readonly losses?: 'last' | 'every' | { readonly annealedOver: number };
}

/**
 * The exact gradient of the mean query loss, through every inner step (or around them with `order: 'first'`).
 *
 * Source: Finn et al. 2017 (arXiv 1703.03400), algorithm 1.
 *
 * @throws RangeError unless `annealedOver` is a count
 */
export function unrolled({ losses = 'last' }: UnrolledOptions = {}): MetaGradient {
  if (typeof losses === 'object') expectCount('unrolled: losses.annealedOver', losses.annealedOver);
  const metaGradient: MetaGradient = (learner, meta, batch, noise, inner, scheduled) => {
    const { value, gradients } = valueAndGradients((params) => {
      const task = { ...batch, noise };
      const path = innerLoop(learner, params, task, inner);
      const scored = (losses === 'every' || scheduled) && path.length > 1 ? path.slice(1) : path.slice(-1);
      const queries = scored.map((at) => queryLoss(learner, params, at, batch.query, inner.loss));
      const perTask = scheduled ? weighted(queries, scheduled) : tf.div(tf.addN([...queries]), scored.length);
      const penalty = learner.penalty?.(params, path);
      return tf.mean<tf.Scalar>(penalty ? tf.add(perTask, penalty) : perTask);
    }, meta);
    return { loss: value, gradients };
  };
  if (typeof losses === 'string') return metaGradient;
  return Object.assign(metaGradient, { schedule: stepWeights(losses) });
}

/** Each task's weighted sum of its losses `[T]` at several points, one weight a point. */
function weighted(losses: readonly tf.Tensor[], weights: tf.Tensor): tf.Tensor {
  return tf.addN(losses.map((loss, index) => tf.mul(loss, tf.slice(weights, [index], [1]))));
}
