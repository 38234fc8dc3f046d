import * as tf from '@tensorflow/tfjs';
import { expectCount, expectNotNegative, expectOneOf } from '../core/errors';
import { mapRecord, scopeRecord, unscopeRecord } from '../core/params';
import type { Guard } from './guard';
import { below } from './stacked';

export interface OutputRegularizerOptions {
  /** β: how much it counts beside the new task's loss. */
  readonly beta: number;
  /** `'ahead'` looks from where the next step of the optimizer on the new task's loss would lead. @default 'ahead' */
  readonly at?: 'here' | 'ahead';
  /** `'sensitivity'` weighs each generated weight by how much its task's outputs depend on it. @default 'equal' */
  readonly importance?: 'equal' | 'sensitivity';
  /** Examples of a task that its sensitivity is measured on. @default 500 */
  readonly examples?: number;
}

/**
 * Holds the weights that are generated for the finished tasks s where they were: with the shared parameters Θ, as they were
 * before the new task Θ*, and the look-ahead step ΔΘ, which counts as a constant,
 *
 *     β / tasks · Σₛ ‖h(eₛ, Θ*) − h(eₛ, Θ + ΔΘ)‖²
 *
 * It costs one generation of all finished tasks' weights a step, and stores them while a task is learned; no examples.
 *
 * Weights that an output hardly depends on may move: with `importance: 'sensitivity'` each squared distance counts as much as it
 * changes the finished task's outputs, F = mean over examples of Σ (∂ output / ∂ weight)², to first order and weight by weight. β then
 * weighs the squared change of outputs. One F of each task is kept, as large as its weights.
 *
 * Sources: von Oswald et al., "Continual Learning with Hypernetworks", 2020 (arXiv 1906.00695), equation 2; sensitivity of outputs:
 * Aljundi et al., "Memory Aware Synapses", 2018 (arXiv 1711.09601), section 4.
 *
 * @throws RangeError for an option out of range
 */
export function outputRegularizer({ beta, at = 'ahead', importance = 'equal', examples = 500 }: OutputRegularizerOptions): Guard {
  expectNotNegative('outputRegularizer: beta', beta);
  expectOneOf('outputRegularizer: at', at, ['here', 'ahead']);
  expectOneOf('outputRegularizer: importance', importance, ['equal', 'sensitivity']);
  expectCount('outputRegularizer: examples', examples);
  const isWeighed = importance === 'sensitivity';
  return {
    name: isWeighed ? 'output regularizer by sensitivity' : 'output regularizer',
    at,
    remind: (memory) => (Object.keys(memory).length === 0 ? undefined : memory),
    penalty({ learner }, shared, reminder) {
      const weights = learner.weights(shared, unscopeRecord(reminder, 'own'));
      const sensitivity = unscopeRecord(reminder, 'sensitivity');
      const distances = Object.entries(unscopeRecord(reminder, 'weights')).map(([name, target]) => {
        const squares = tf.square(tf.sub(weights[name]!, target));
        const weighed = isWeighed ? tf.mul(squares, sensitivity[name]!) : squares;
        return tf.div(tf.sum(weighed), weighed.shape[0]); // the number of tasks, or 1 where they share it
      });
      return tf.mul(tf.addN(distances), beta);
    },
    async finish(memory, { own, weights, sensitivity }) {
      const found = { ...scopeRecord(own, 'own'), ...scopeRecord(await weights(), 'weights') };
      if (!isWeighed) return found;
      const measured = scopeRecord(await sensitivity(examples), 'sensitivity');
      return { ...found, ...mapRecord(measured, (value, name) => below(memory[name], value)) };
    },
    shapes(_memory, { tasks, own, weights }) {
      if (tasks === 0) return {};
      const targets = weights();
      const measured = mapRecord(targets, ([, ...shape]) => [tasks, ...shape]);
      return { ...scopeRecord(own, 'own'), ...scopeRecord(targets, 'weights'), ...(isWeighed ? scopeRecord(measured, 'sensitivity') : {}) };
    },
  };
}
