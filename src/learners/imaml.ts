import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import type { HeadStart } from './base-params';
import { maml } from './maml';

export interface ImamlOptions {
  /** How strongly a task's weights are held to their start. The authors take 2 for Omniglot, 0.5 for miniImageNet. */
  readonly lambda: number;
  readonly head?: HeadStart;
}

/**
 * MAML with an inner loss that holds the weights φ to their start θ: L_support(φ) + λ/2 ‖φ − θ‖². Made for
 * `metaGradient: implicit()`; an inner learning rate below 2 / λ is a must.
 *
 * Source: Rajeswaran, Finn, Kakade, Levine, "Meta-Learning with Implicit Gradients", 2019 (arXiv 1909.04630), equation 3.
 *
 * @example
 * const trainer = await metaTrainer(imaml(base, { lambda: 2 }), tasks, { metaGradient: implicit(), innerSteps: 16 });
 *
 * @throws RangeError unless lambda is above 0
 */
export function imaml(base: Network, { lambda, ...options }: ImamlOptions): Learner {
  expectPositive('imaml: lambda', lambda);
  return {
    ...maml(base, options),
    name: 'iMAML',
    innerLoss(_meta, { start, state }, loss) {
      const squares = Object.entries(state).map(([name, value]) => tf.square(tf.sub(value, start[name]!)));
      const distance = tf.addN(squares.map((square) => tf.sum(tf.reshape(square, [square.shape[0], -1]), 1)));
      return tf.add(loss, tf.mul(distance, lambda / 2));
    },
  };
}
