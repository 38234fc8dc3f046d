import { uniformInit } from '../core/initializers';
import type { Network } from '../core/network';
import { dense } from './dense';
import { sequential } from './sequential';
import { sine, sineLimit } from './sine';

export interface SirenOptions {
  /** ω of every sine layer. @default 30 */
  readonly omega?: number;
}

/**
 * Sine layers and a linear output, for signals of coordinates in [-1, 1]: `siren([2, 64, 64, 3])` is a colour image.
 *
 * Source: Sitzmann et al., "Implicit Neural Representations with Periodic Activation Functions", 2020
 * (arXiv 2006.09661).
 *
 * @throws RangeError for fewer than 3 sizes
 */
export function siren(sizes: readonly number[], { omega = 30 }: SirenOptions = {}): Network {
  if (sizes.length < 3) throw new RangeError(`siren: expected at least 3 sizes, got ${sizes.length}.`);
  const [inputs, ...units] = sizes as readonly [number, ...number[]];
  const hidden = units.slice(0, -1).map((size, index) => sine(size, { omega, place: index === 0 ? 'first' : 'hidden' }));
  const output = dense(units.at(-1)!, { init: (fanIn) => uniformInit(sineLimit(fanIn, omega)) });
  return sequential([inputs], [...hidden, output], { name: 'siren' });
}
