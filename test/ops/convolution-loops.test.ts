import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pair } from '../../src/core/pair';
import { averagePool, maxPool } from '../../src/ops/pooling';
import { taskConv2d } from '../../src/ops/task-convolution';
import { taskDepthwiseConv2d } from '../../src/ops/task-depthwise-convolution';
import { onEveryBackend } from '../helpers/backends';
import { expectAlike } from '../helpers/close';
import { normal } from '../helpers/compiled';
import { isFull } from '../helpers/full';
import { convolveByLoops, poolByLoops, sights, type Placement } from '../helpers/loops';

const runs = { numRuns: isFull ? 10_000 : 200, seed: 3 };

const pair = (most: number) => fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));
const padding = fc.constantFrom('same' as const, 'valid' as const);

const fits = ({ image, window, padding, dilation }: Required<Placement>) =>
  padding === 'same' || [0, 1].every((axis) => image[axis]! > (window[axis]! - 1) * dilation[axis]!);

/** Windows with a stride or a dilation. */
const placements: fc.Arbitrary<Required<Placement>> = fc
  .record({ image: pair(7), window: pair(4), steps: pair(3), isDilated: fc.boolean(), padding })
  .map(({ steps, isDilated, ...rest }) => ({ ...rest, stride: isDilated ? [1, 1] as Pair : steps, dilation: isDilated ? steps : [1, 1] as Pair }))
  .filter((placement) => fits(placement));

const sizes = fc.record({ n: fc.integer({ min: 1, max: 2 }), channels: fc.integer({ min: 1, max: 3 }), filters: fc.integer({ min: 1, max: 3 }) });
const owners = fc.constantFrom([2, 2], [2, 1], [1, 2], [1, 1]);

describe.each([
  { kind: 'dense', convolve: taskConv2d },
  { kind: 'depthwise', convolve: taskDepthwiseConv2d },
] as const)('a $kind convolution', ({ kind, convolve }) => {
  test('and both its gradients are sums of products over the windows', () =>
    onEveryBackend((backend) =>
      fc.assert(
        fc.property(placements, sizes, owners, (placement, { n, channels, filters }, [images, kernels]) =>
          tf.tidy(() => {
            const x = normal('x', [images, n, ...placement.image, channels]);
            const kernel = normal('kernel', [kernels, ...placement.window, channels, filters]);
            const results = kind === 'dense' ? filters : channels * filters;
            const dy = normal('dy', [Math.max(images, kernels), n, ...sights(placement).positions, results]);
            const y = convolve(x, kernel, placement);
            expect(y.shape).toEqual(dy.shape);
            const [toX, toKernel] = tf.grads((a: tf.Tensor, b: tf.Tensor) => convolve(a, b, placement))([x, kernel], dy) as [tf.Tensor, tf.Tensor];
            const expected = convolveByLoops(kind, { x, kernel, dy }, placement);
            expectAlike(y.dataSync(), expected.y, `${backend}: y`);
            expectAlike(toX.dataSync(), expected.toX, `${backend}: gradient of x`);
            expectAlike(toKernel.dataSync(), expected.toKernel, `${backend}: gradient of the kernel`);
          }),
        ),
        { ...runs, numRuns: runs.numRuns / 2 },
      ),
    ));
});

test('pooling takes the largest value, and the mean, of what each window holds', () =>
  onEveryBackend((backend) =>
    fc.assert(
      fc.property(placements, sizes, ({ image, window, stride, padding }, { n, channels }) => {
        fc.pre(padding === 'same' || (image[0] >= window[0] && image[1] >= window[1]));
        tf.tidy(() => {
          const x = normal('x', [2, n, ...image, channels]);
          const expected = poolByLoops(x, { image, window, stride, padding });
          expectAlike(maxPool(x, { size: window, stride, padding }).dataSync(), expected.largest, `${backend}: largest`);
          expectAlike(averagePool(x, { size: window, stride, padding }).dataSync(), expected.mean, `${backend}: mean`);
        });
      }),
      { ...runs, numRuns: runs.numRuns / 2 },
    ),
  ));
