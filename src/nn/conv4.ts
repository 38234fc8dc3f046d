import type { Network } from '../core/network';
import type { Shape } from '../core/shape';
import { activation, type ActivationName } from './activation';
import { batchNorm, type BatchStatistics } from './batch-norm';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { flatten } from './flatten';
import type { Layer } from './layer';
import { globalAveragePool, maxPool } from './pooling';
import { sequential } from './sequential';

export interface Conv4Options {
  /** Height, width and channels of an image. */
  readonly inputShape: Shape;
  /** Number of classes. */
  readonly ways: number;
  /** Of every convolution. @default 64 */
  readonly filters?: number;
  /** @default 'relu' */
  readonly activation?: ActivationName;
  /** Of batch norm. @default 'support' */
  readonly statistics?: BatchStatistics;
}

/**
 * The four blocks of few-shot learning: convolution 3 × 3, batch norm, relu, max pooling 2 × 2; then a linear layer.
 * Images of at least 16 × 16.
 *
 * Source: Vinyals et al., "Matching Networks", 2016 (arXiv 1606.04080), section 4.1.
 */
export function conv4(options: Conv4Options): Network {
  return blocks('conv4', options, 1, [maxPool(2)], flatten());
}

/**
 * The same with strides of 2 in place of pooling, and the mean over all positions before the linear layer.
 *
 * Source: Finn et al., "Model-Agnostic Meta-Learning", 2017 (arXiv 1703.03400), section 5.2.
 */
export function conv4Strided(options: Conv4Options): Network {
  return blocks('conv4Strided', options, 2, [], globalAveragePool());
}

function blocks(name: string, options: Conv4Options, stride: number, pooling: readonly Layer[], last: Layer): Network {
  const { inputShape, ways, filters = 64, activation: between = 'relu', statistics = 'support' } = options;
  const block = [
    conv2d(filters, 3, { stride, bias: 'none' }), // batch norm cancels a bias
    batchNorm({ statistics }),
    activation(between),
    ...pooling,
  ];
  return sequential(inputShape, [...block, ...block, ...block, ...block, last, dense(ways)], { name });
}
