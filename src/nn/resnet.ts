import { expectCount } from '../core/errors';
import type { Network } from '../core/network';
import type { Shape } from '../core/shape';
import { activation, type ActivationName } from './activation';
import { batchNorm, type BatchStatistics } from './batch-norm';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { globalAveragePool, maxPool } from './pooling';
import { residual } from './residual';
import { sequential } from './sequential';

export interface ResnetOptions {
  /** Height, width and channels of an image; each block halves height and width. */
  readonly inputShape: Shape;
  /** Number of classes. */
  readonly ways: number;
  /** Of the convolutions of each block. @default [64, 128, 256, 512] */
  readonly filters?: readonly number[];
  /** In each block. @default 3 */
  readonly convolutions?: number;
  /** @default 'relu' */
  readonly activation?: ActivationName;
  /** Of batch norm. @default 'support' */
  readonly statistics?: BatchStatistics;
}

/**
 * The residual network of few-shot learning: blocks of convolutions 3 × 3 with batch norm around which a convolution 1 × 1
 * with batch norm leads, each block halved by max pooling; then the mean over all positions and a linear layer. By default
 * it is ResNet-12; fewer, narrower blocks train in minutes on one core.
 *
 * Source: Oreshkin et al., "TADAM", 2018 (arXiv 1805.10123).
 *
 * @example
 * resnet({ inputShape: [32, 32, 3], ways: 5, filters: [16, 32, 64], convolutions: 2 })
 */
export function resnet(options: ResnetOptions): Network {
  const { inputShape, ways, filters = [64, 128, 256, 512], convolutions = 3, activation: between = 'relu', statistics = 'support' } = options;
  expectCount('resnet: number of filters', filters.length);
  expectCount('resnet: convolutions', convolutions);
  const block = (count: number) => {
    const convolution = (size: number) => [conv2d(count, size, { bias: 'none' }), batchNorm({ statistics })]; // batch norm cancels a bias
    const first = Array.from({ length: convolutions - 1 }, () => [...convolution(3), activation(between)]).flat();
    return [residual([...first, ...convolution(3)], { shortcut: convolution(1) }), activation(between), maxPool(2)];
  };
  return sequential(inputShape, [...filters.flatMap((count) => block(count)), globalAveragePool(), dense(ways)], { name: 'resnet' });
}
