import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { constantInit } from '../core/initializers';
import { mapRecord, scopeRecord, unscopeRecord, type Initializer } from '../core/params';
import { hypernetworkFamily } from './family';

export interface ResidualHypernetworkOptions {
  /** Size of the generated difference at the start, beside the weights that the family alone would generate. @default 0.1 */
  readonly initialScale?: number;
}

/**
 * Any family as a difference from weights that all tasks share: θ = θ0 + Δθ(embedding). θ0 is learned and starts as
 * the base network's own initializer says; Δθ starts small, but not at zero, so that the embedding can move.
 *
 * Source: Ortiz et al., "Magnitude Invariant Parametrizations Improve Hypernetwork Learning", 2024
 * (arXiv 2304.07645), section 4, "Additive output formulation".
 *
 * @example
 * residualHypernetwork(fullHypernetwork({ embeddingSize: 8 })).build(mlp([1, 40, 40, 1]).specs)
 */
export function residualHypernetwork(
  family: HypernetworkFamily,
  { initialScale = 0.1 }: ResidualHypernetworkOptions = {},
): HypernetworkFamily {
  expectPositive('residualHypernetwork: initialScale', initialScale);
  return hypernetworkFamily('residualHypernetwork', family.embeddingSize, (target) => {
    // The family scales what it generates by the initializers of its target.
    const delta = family.build(mapRecord(target, (spec) => ({ ...spec, init: shrunk(spec.init, initialScale) })));
    return {
      specs: { ...scopeRecord(target, 'base'), ...scopeRecord(delta.specs, 'delta') },
      generate(params, embedding) {
        const deltas = delta.generate(unscopeRecord(params, 'delta'), embedding);
        const base = unscopeRecord(params, 'base');
        return mapRecord(deltas, (value, name) => tf.add(base[name]!, value));
      },
    };
  });
}

/** The same initializer, smaller; a constant becomes zero: the base weights hold it. */
function shrunk(init: Initializer, scale: number): Initializer {
  return (rng, shape) => {
    const values = init(rng, shape);
    if (values.every((value) => value === values[0])) return constantInit(0)(rng, shape);
    return values.map((value) => value * scale);
  };
}
