import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf } from '../core/errors';
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
  /**
   * How much of the learner's penalty counts: all of it; or a share that rises in a straight line from 0 to 1 over so many outer
   * steps, so that a distribution first learns to say something (Bowman et al., "Generating Sentences from a Continuous
   * Space", 2016, arXiv 1511.06349, section 3.1). @default 'whole'
   */
  readonly penalty?: 'whole' | { readonly annealedOver: number };
}

/**
 * The exact gradient of the mean query loss, through every inner step (or around them with `order: 'first'`).
 *
 * Source: Finn et al. 2017 (arXiv 1703.03400), algorithm 1.
 *
 * @throws RangeError for an unknown word, and unless each `annealedOver` is a count
 */
export function unrolled({ losses = 'last', penalty = 'whole' }: UnrolledOptions = {}): MetaGradient {
  const stepsAt = typeof losses === 'object' ? stepWeights(losses) : undefined;
  if (typeof losses === 'object') expectCount('unrolled: losses.annealedOver', losses.annealedOver);
  else expectOneOf('unrolled: losses', losses, ['last', 'every']);
  if (typeof penalty === 'object') expectCount('unrolled: penalty.annealedOver', penalty.annealedOver);
  else expectOneOf('unrolled: penalty', penalty, ['whole']);
  const isAnnealed = typeof penalty === 'object';
  const metaGradient: MetaGradient = (learner, meta, batch, noise, inner, scheduled) => {
    const { value, gradients } = valueAndGradients((params) => {
      const task = { ...batch, noise };
      const path = innerLoop(learner, params, task, inner);
      const { share, weights } = readSchedule(scheduled, isAnnealed);
      const scored = (losses === 'every' || weights) && path.length > 1 ? path.slice(1) : path.slice(-1);
      const queries = scored.map((at) => queryLoss(learner, params, at, batch.query, inner.loss));
      const perTask = weights ? weighted(queries, weights) : tf.div(tf.addN([...queries]), scored.length);
      const cost = learner.penalty?.(params, path);
      return tf.mean<tf.Scalar>(cost ? tf.add(perTask, share ? tf.mul(cost, share) : cost) : perTask);
    }, meta);
    return { loss: value, gradients };
  };
  const settings = { name: 'unrolled', losses, penalty };
  if (!stepsAt && !isAnnealed) return Object.assign(metaGradient, { settings });
  const schedule: NonNullable<MetaGradient['schedule']> = (step, inner) => {
    const weights = stepsAt?.(step, inner);
    return isAnnealed ? [Math.min(1, step / penalty.annealedOver), ...(weights ?? [])] : weights;
  };
  return Object.assign(metaGradient, { settings, schedule });
}

/** The share of the penalty, where it has one, and the weights of the steps, where there are any. */
function readSchedule(scheduled: tf.Tensor | undefined, isAnnealed: boolean): { readonly share?: tf.Tensor; readonly weights?: tf.Tensor } {
  if (!scheduled) return {};
  if (!isAnnealed) return { weights: scheduled };
  const share = tf.slice(scheduled, [0], [1]);
  return scheduled.size > 1 ? { share, weights: tf.slice(scheduled, [1]) } : { share };
}

/** Each task's weighted sum of its losses `[T]` at several points, one weight a point. */
function weighted(losses: readonly tf.Tensor[], weights: tf.Tensor): tf.Tensor {
  return tf.addN(losses.map((loss, index) => tf.mul(loss, tf.slice(weights, [index], [1]))));
}
