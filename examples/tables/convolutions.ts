import { activation, batchNorm, conv2d, dense, flatten, maxPool, sequential, type BatchStatistics, type Network } from 'hypermeta';

export interface ConvolutionSettings {
  /** Height and width of the images. */
  readonly size: number;
  /** Of each block: convolution 3 × 3, batch norm, relu, max pooling 2 × 2. */
  readonly filters: readonly number[];
  /** How many of the blocks, from the first, end in pooling: the more, the fewer places tell features apart. */
  readonly pools: number;
}

/** The blocks, and a linear layer over all that they leave. */
export function convolutions({ size, filters, pools }: ConvolutionSettings, ways: number, statistics: BatchStatistics): Network {
  const block = (count: number, index: number) => [
    conv2d(count, 3, { bias: 'none' }), // batch norm cancels a bias
    batchNorm({ statistics }),
    activation('relu'),
    ...(index < pools ? [maxPool(2)] : []),
  ];
  return sequential([size, size, 1], [...filters.flatMap(block), flatten(), dense(ways)], { name: 'conv4' });
}
