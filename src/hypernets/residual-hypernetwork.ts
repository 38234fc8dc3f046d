import * as tf from '@tensorflow/tfjs';
import { expectOneOf, expectPositive } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { constantInit } from '../core/initializers';
import { filterRecord, mapRecord, scopeRecord, unscopeRecord, type Initializer, type Params, type ParamSpec } from '../core/params';
import { readWeights } from '../core/start-at';
import { hypernetworkFamily } from './family';

export interface ResidualHypernetworkOptions {
  /** Size of the generated difference at the start, beside the weights that the family alone would generate. @default 0.1 */
  readonly initialScale?: number;
  /**
   * Where θ0 starts, each `[1, ...shape]`, such as the weights of a pre-trained network; copied. More entries than the
   * target has do no harm. @default the base network's own initializers
   */
  readonly weights?: Params | HostParams;
  /**
   * `'frozen'` keeps θ0 at the given `weights`: it is then a constant, neither trained nor saved. @default 'learned'
   */
  readonly base?: 'learned' | 'frozen';
  /** Which tensors have a generated difference; the others are θ0 alone, the same for all tasks. @default all */
  readonly differs?: (name: string, spec: ParamSpec) => boolean;
}

/**
 * Any family as a difference from weights that all tasks share: θ = θ0 + Δθ(embedding). θ0 is learned and starts as
 * the base network's own initializer says; Δθ starts small, but not at zero, so that the embedding can move. Around
 * frozen weights, differences of low rank are generated adapters (LoRA, from an embedding).
 *
 * Source: Ortiz et al., "Magnitude Invariant Parametrizations Improve Hypernetwork Learning", 2024
 * (arXiv 2304.07645), section 4, "Additive output formulation"; around frozen weights: Hu et al., "LoRA", 2021
 * (arXiv 2106.09685), equation 3.
 *
 * @example
 * residualHypernetwork(fullHypernetwork({ embeddingSize: 8 })).build(mlp([1, 40, 40, 1]).specs)
 *
 * @example
 * // Generated adapters of rank 2 on the kernels of a network that stays as it is.
 * const adapters = lowRankHypernetwork({ embeddingSize: 8, rank: 2 });
 * residualHypernetwork(adapters, { weights, base: 'frozen', differs: (_name, { role }) => role === 'kernel' });
 *
 * @throws RangeError for a frozen base without weights, or weights that lack an entry; ShapeError if one has another shape
 */
export function residualHypernetwork(family: HypernetworkFamily, options: ResidualHypernetworkOptions = {}): HypernetworkFamily {
  const { initialScale = 0.1, weights, base: baseOption = 'learned', differs = () => true } = options;
  expectPositive('residualHypernetwork: initialScale', initialScale);
  expectOneOf('residualHypernetwork: base', baseOption, ['learned', 'frozen']);
  if (baseOption === 'frozen' && !weights)
    throw new RangeError(
      `residualHypernetwork: base: 'frozen': expected weights to keep, got none; give them as \`weights\`, or leave base: 'learned'.`,
    );
  return hypernetworkFamily('residualHypernetwork', family.embeddingSize, (target) => {
    const given = weights && readWeights('residualHypernetwork: weights', target, weights);
    const base = given ? mapRecord(target, (spec, name) => ({ ...spec, init: () => given[name]!.slice() })) : target;
    const frozen = baseOption === 'frozen' ? given : undefined;
    // The family scales what it generates by the initializers of its target.
    const changing = filterRecord(target, (name, spec) => differs(name, spec));
    const delta = family.build(mapRecord(changing, (spec) => ({ ...spec, init: shrunk(spec.init, initialScale) })));
    return {
      specs: { ...(frozen ? {} : scopeRecord(base, 'base')), ...scopeRecord(delta.specs, 'delta') },
      generate(params, embedding) {
        const deltas = delta.generate(unscopeRecord(params, 'delta'), embedding);
        const learned = unscopeRecord(params, 'base');
        return mapRecord(target, ({ shape }, name) => {
          const value = frozen ? tf.tensor(frozen[name]!, [1, ...shape]) : learned[name]!;
          const difference = deltas[name];
          if (difference) return tf.add(value, difference);
          return frozen ? value : tf.clone(value); // the result is the caller's to dispose
        });
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
