import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { constantInit } from '../core/initializers';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { layerOf, mapParams, type ParamSpec } from '../core/params';
import type { HeadStart } from './base-params';
import { maml } from './maml';

export interface MamlPlusPlusOptions {
  /** Inner steps with a rate of their own; later ones use the last. */
  readonly steps: number;
  readonly head?: HeadStart;
}

/**
 * MAML with a learned factor on the inner learning rate of every layer at every step, starting at 1. The paper's multi-step
 * loss, its annealed derivative order and its cosine schedule are options of the trainer, see the example.
 *
 * Source: Antoniou, Edwards, Storkey, "How to train your MAML", 2019 (arXiv 1810.09502), section 4, LSLR. Batch norm
 * follows its own policy, not the paper's statistics and biases per step.
 *
 * @example
 * const trainer = await metaTrainer(mamlPlusPlus(base, { steps: 5 }), tasks, {
 *   innerSteps: 5,
 *   metaGradient: unrolled({ losses: { annealedOver: 5000 } }),
 *   order: { firstFor: 2500 },
 *   outerLearningRate: cosine(0.001, 50000, { end: 0.00001 }),
 * });
 *
 * @throws RangeError unless steps is a count
 */
export function mamlPlusPlus(base: Network, { steps, ...options }: MamlPlusPlusOptions): Learner {
  expectCount('mamlPlusPlus: steps', steps);
  const learner = maml(base, options);
  const spec: ParamSpec = { shape: [steps], role: 'rate', fanIn: 1, init: constantInit(1) };
  const trained = Object.keys(base.specs).filter((name) => base.specs[name]!.role !== 'statistic');
  return {
    ...learner,
    name: 'MAML++',
    specs: { ...learner.specs, ...Object.fromEntries(trained.map((name) => [rateOf(name), spec])) },
    direction: (meta, at, gradients) =>
      mapParams(gradients, (gradient, name) => {
        const rate = tf.slice(meta[rateOf(name)]!, [0, Math.min(at.step, steps - 1)], [1, 1]);
        return tf.mul(gradient, tf.reshape(rate, gradient.shape.map(() => 1)));
      }),
    distinctSteps: steps,
  };
}

/** The meta-parameter with the rates of a parameter's layer: `rate/dense1` of `dense1/kernel`. */
function rateOf(name: string): string {
  return `rate/${layerOf(name) || name}`;
}
