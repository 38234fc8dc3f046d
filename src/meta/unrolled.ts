import * as tf from '@tensorflow/tfjs';
import type { At, Learner } from '../core/learner';
import type { Params } from '../core/params';
import type { EpisodeBatch, Loss } from '../core/task';
import { valueAndGradients } from '../ops/gradients';
import { adaptedWeights, innerLoop } from './inner-loop';
import type { MetaGradient } from './meta-gradient';

/**
 * The exact gradient of the mean query loss, through every inner step (or around them with `order: 'first'`).
 *
 * With `losses: 'every'` the query loss is averaged over the points after each step, in place of the last alone
 * (Antoniou et al., "How to train your MAML", 2019, arXiv 1810.09502, equation 3, with equal weights).
 *
 * Source: Finn et al. 2017 (arXiv 1703.03400), algorithm 1.
 */
export function unrolled({ losses = 'last' }: { readonly losses?: 'last' | 'every' } = {}): MetaGradient {
  return (learner, meta, batch, noise, inner) => {
    const { value, gradients } = valueAndGradients((params) => {
      const task = { ...batch, noise };
      const path = innerLoop(learner, params, task, inner);
      const scored = losses === 'every' && path.length > 1 ? path.slice(1) : path.slice(-1);
      const queries = scored.map((at) => queryLoss(learner, params, at, batch, inner.loss));
      const perTask = tf.div(tf.addN([...queries]), scored.length);
      const penalty = learner.penalty?.(params, path);
      return tf.mean<tf.Scalar>(penalty ? tf.add(perTask, penalty) : perTask);
    }, meta);
    return { loss: value, gradients };
  };
}

/** Each task's query loss at a point of the inner loop, `[T]`. */
function queryLoss(learner: Learner, meta: Params, at: At, { query }: EpisodeBatch, loss: Loss): tf.Tensor {
  const output = learner.base.apply(adaptedWeights(learner, meta, at), query.x, {
    weight: query.weight,
    noise: at.task.noise,
  });
  return loss(output, query.y, query.weight);
}
