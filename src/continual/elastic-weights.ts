import * as tf from '@tensorflow/tfjs';
import { expectCount, expectNotNegative, expectShare } from '../core/errors';
import { copyOnHost, hostFloats } from '../core/host-tensor';
import { mapRecord, unscopeRecord } from '../core/params';
import type { Guard } from './guard';
import { pullBack, remember, rememberedShapes } from './pull-back';

export interface ElasticWeightsOptions {
  /** λ: how much it counts beside the new task's loss. */
  readonly strength: number;
  /** Examples of a task that its Fisher information is measured on, each in a gradient of its own. @default 500 */
  readonly examples?: number;
  /** γ: what is left of the older tasks' information with each new task, in [0, 1]. @default 1 */
  readonly decay?: number;
}

/**
 * Elastic weight consolidation, online: each shared parameter is pulled to where the last task left it, by how much the
 * finished tasks' losses depend on it,
 *
 *     λ / 2 · Σᵢ Fᵢ (θᵢ − θᵢ*)²,   F ← γ F + mean over examples of (∂ loss / ∂θ)²
 *
 * F is the diagonal of the Fisher information with the given targets in place of sampled ones (the empirical one). One F and
 * one θ* are kept, however many tasks there are.
 *
 * Sources: Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", 2017 (arXiv 1612.00796), equation 3;
 * online: Schwarz et al., "Progress and Compress", 2018 (arXiv 1805.06370), section 3.1.
 *
 * @throws RangeError for an option out of range
 */
export function elasticWeights({ strength, examples = 500, decay = 1 }: ElasticWeightsOptions): Guard {
  expectNotNegative('elasticWeights: strength', strength);
  expectCount('elasticWeights: examples', examples);
  expectShare('elasticWeights: decay', decay);
  return {
    name: 'elastic weights',
    remind: (memory) => (Object.keys(memory).length === 0 ? undefined : memory),
    penalty: (_setting, shared, reminder) => tf.mul(pullBack(shared, reminder), strength / 2),
    async finish(memory, { shared, examples: { count }, rng, gradient }) {
      const old = unscopeRecord(memory, 'importance');
      const chosen = rng.shuffle(Array.from({ length: count }, (_, index) => index)).slice(0, examples);
      const fisher = mapRecord(shared, ({ values, shape }, name) => hostFloats(values.map((_, index) => decay * (old[name]?.values[index] ?? 0)), shape));
      for (const example of chosen)
        for (const [name, { values }] of Object.entries(await gradient([example]))) {
          const into = fisher[name]!.values;
          for (let i = 0; i < into.length; i++) into[i]! += values[i]! ** 2 / chosen.length;
        }
      return remember(fisher, copyOnHost(shared));
    },
    shapes: (_memory, beside) => rememberedShapes(beside),
  };
}
