import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { constantInit } from '../core/initializers';
import type { Learner } from '../core/learner';
import { mapParams, type ParamSpec } from '../core/params';

/**
 * The same learner with a learned factor on the inner learning rate of each step, starting at 1. Steps beyond
 * `steps` use the last factor, so a test may take more steps than training did.
 *
 * Source: Antoniou et al., "How to train your MAML", 2019 (arXiv 1810.09502), section 4, per-step rates.
 */
export function learnedRates(learner: Learner, { steps }: { readonly steps: number }): Learner {
  expectCount('learnedRates: steps', steps);
  const spec: ParamSpec = { shape: [steps], role: 'rate', fanIn: 1, init: constantInit(1) };
  return {
    ...learner,
    name: `${learner.name} with learned rates`,
    specs: { ...learner.specs, 'rate/step': spec },
    direction(meta, at, gradients) {
      const rate = tf.slice(meta['rate/step']!, [0, Math.min(at.step, steps - 1)], [1, 1]);
      const followed = learner.direction?.(meta, at, gradients) ?? gradients;
      return mapParams(followed, (gradient) => tf.mul(gradient, tf.reshape(rate, gradient.shape.map(() => 1))));
    },
    distinctSteps: Math.max(steps, learner.distinctSteps ?? 1),
  };
}
