import * as tf from '@tensorflow/tfjs';
import { expectNotNegative, expectOneOf } from '../core/errors';
import { scopeRecord, unscopeRecord } from '../core/params';
import type { Guard } from './guard';

export interface OutputRegularizerOptions {
  /** β: how much it counts beside the new task's loss. */
  readonly beta: number;
  /** `'ahead'` looks from where the next step of the optimizer on the new task's loss would lead. @default 'ahead' */
  readonly at?: 'here' | 'ahead';
}

/**
 * Holds the weights that are generated for the finished tasks s where they were: with the shared parameters Θ, as they were
 * before the new task Θ*, and the look-ahead step ΔΘ, which counts as a constant,
 *
 *     β / tasks · Σₛ ‖h(eₛ, Θ*) − h(eₛ, Θ + ΔΘ)‖²
 *
 * It costs one generation of all finished tasks' weights a step, and stores them while a task is learned; no examples.
 *
 * Source: von Oswald et al., "Continual Learning with Hypernetworks", 2020 (arXiv 1906.00695), equation 2.
 *
 * @throws RangeError unless beta is a finite number of at least 0
 */
export function outputRegularizer({ beta, at = 'ahead' }: OutputRegularizerOptions): Guard {
  expectNotNegative('outputRegularizer: beta', beta);
  expectOneOf('outputRegularizer: at', at, ['here', 'ahead']);
  return {
    name: 'output regularizer',
    at,
    remind: (memory) => (Object.keys(memory).length === 0 ? undefined : memory),
    penalty({ learner }, shared, reminder) {
      const weights = learner.weights(shared, unscopeRecord(reminder, 'own'));
      const distances = Object.entries(unscopeRecord(reminder, 'weights')).map(([name, target]) => {
        const squares = tf.sum(tf.square(tf.sub(weights[name]!, target)));
        return tf.div(squares, target.shape[0]); // the number of tasks, or 1 where they share it
      });
      return tf.mul(tf.addN(distances), beta);
    },
    finish: async (_memory, { own, weights }) => ({ ...scopeRecord(own, 'own'), ...scopeRecord(await weights(), 'weights') }),
  };
}
