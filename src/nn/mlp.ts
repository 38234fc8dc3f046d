import type { Network } from '../core/network';
import { activation, type ActivationName } from './activation';
import { dense } from './dense';
import { sequential } from './sequential';

export interface MlpOptions {
  /** Between the dense layers. @default 'relu' */
  readonly activation?: ActivationName;
}

/**
 * Dense layers with an activation between them: `mlp([1, 40, 40, 1])` has one input, two hidden layers of 40 and one
 * linear output.
 *
 * @throws RangeError for fewer than 2 sizes
 */
export function mlp(sizes: readonly number[], { activation: name = 'relu' }: MlpOptions = {}): Network {
  if (sizes.length < 2) throw new RangeError(`mlp: expected at least 2 sizes, got ${sizes.length}.`);
  const [inputs, ...units] = sizes as readonly [number, ...number[]];
  return sequential([inputs], units.flatMap((size, index) => (index === 0 ? [dense(size)] : [activation(name), dense(size)])));
}
