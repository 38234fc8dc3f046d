import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { mapParams, mapRecord, scopeRecord, type Initializer, type Params } from '../core/params';
import { sizeOf } from '../core/shape';
import { defaultHead, steppedSpecs, type HeadStart } from './base-params';
import { maml } from './maml';

/** A number, or the two ends of a range to draw from. */
export type InitialRate = number | readonly [low: number, high: number];

export interface MetaSgdOptions {
  /** @default 'any-ways' where the network ends in several outputs */
  readonly head?: HeadStart;
  /** Where the factors start. @default 1 */
  readonly initialRate?: InitialRate;
}

/**
 * MAML with a learned rate for every single parameter: θ' = θ − α ∘ ∇L. What is learned is a factor on the inner
 * learning rate, so α = innerLearningRate × factor; a factor may become negative. A head of any ways has the rates of
 * one column, which all of its columns share.
 *
 * An outer step moves factors of size 1 relatively less than rates of size 0.01. For the paper's own α give
 * `innerLearningRate: 1` and `initialRate: [0.005, 0.1]`.
 *
 * Source: Li et al., "Meta-SGD", 2017 (arXiv 1707.09835), equation 4.
 *
 * @throws RangeError if a rate is not above 0, or a range ends before it begins
 */
export function metaSgd(base: Network, { head = defaultHead(base), initialRate = 1 }: MetaSgdOptions = {}): Learner {
  const learner = maml(base, { head });
  const init = rateInit('metaSgd: initialRate', initialRate);
  const rates = mapRecord(steppedSpecs(base, head), ({ shape }) => ({ shape, role: 'rate', fanIn: 1, init }) as const);
  return {
    ...learner,
    name: 'Meta-SGD',
    specs: { ...learner.specs, ...scopeRecord(rates, 'rate') },
    direction: (meta, _at, gradients) => atOwnRates(meta, gradients),
  };
}

/** Each gradient times its learned factor, `rate/` and its name. */
export function atOwnRates(meta: Params, gradients: Params): Params {
  return mapParams(gradients, (gradient, name) => tf.mul(gradient, meta[`rate/${name}`]!));
}

function rateInit(where: string, rate: InitialRate): Initializer {
  const [low, high] = typeof rate === 'number' ? [rate, rate] : rate;
  expectPositive(where, low);
  expectPositive(where, high);
  if (high < low) throw new RangeError(`${where}: expected a range [low, high], got [${low}, ${high}].`);
  return (rng, shape) => Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * rng.uniform());
}
