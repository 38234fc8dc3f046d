import type { Network } from '../core/network';
import { expectOneOf } from '../core/errors';
import { activation, type ActivationName } from './activation';
import { batchNorm, type BatchStatistics } from './batch-norm';
import { dense } from './dense';
import { layerNorm } from './layer-norm';
import type { Layer } from './layer';
import { sequential } from './sequential';

export interface MlpOptions {
  /** After each hidden layer. @default 'relu' */
  readonly activation?: ActivationName;
  /** Before each activation. @default none */
  readonly norm?: 'batch' | 'layer';
  /** Of batch norm. @default 'support' */
  readonly statistics?: BatchStatistics;
}

/**
 * Dense layers with an activation between them: `mlp([1, 40, 40, 1])` has one input, two hidden layers of 40 and one
 * linear output. `mlp([784, 256, 128, 64, 64, ways], { norm: 'batch' })` is the fully connected network of Finn et al.,
 * "Model-Agnostic Meta-Learning", 2017 (arXiv 1703.03400), section 5.2, less the biases that batch norm cancels.
 *
 * @throws RangeError for fewer than 2 sizes
 */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): Network {
  const { activation: name = 'relu', norm, statistics = 'support' } = options;
  if (sizes.length < 2) throw new RangeError(`mlp: expected at least 2 sizes, got ${sizes.length}.`);
  if (norm !== undefined) expectOneOf('mlp: norm', norm, ['batch', 'layer']);
  const [inputs, ...units] = sizes as readonly [number, ...number[]];
  const hidden = (size: number): readonly Layer[] => {
    if (norm === 'batch') return [dense(size, { bias: 'none' }), batchNorm({ statistics }), activation(name)];
    return [dense(size), ...(norm === 'layer' ? [layerNorm()] : []), activation(name)];
  };
  const layers = [...units.slice(0, -1).flatMap((size) => hidden(size)), dense(units.at(-1)!)];
  return sequential([inputs], layers, { name: 'mlp' });
}
