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

/** Of each property on each back-end. */
const runs = { numRuns: isFull ? 2_500 : 50, seed: 3 };

const patience = isFull ? 1_200_000 : 30_000;

const pair = (most: number) => fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));
const padding = fc.constantFrom('same' as const, 'valid' as const);

const fits = ({ image, window, padding, dilation }: Required<Placement>) =>
  padding === 'same' || [0, 1].every((axis) => image[axis]! > (window[axis]! - 1) * dilation[axis]!);

/** Windows with a stride or a dilation. */
const placements: fc.Arbitrary<Required<Placement>> = fc
  .record({ image: pair(6), window: pair(3), steps: pair(3), isDilated: fc.boolean(), padding })
  .map(({ steps, isDilated, ...rest }) => ({ ...rest, stride: isDilated ? [1, 1] as Pair : steps, dilation: isDilated ? steps : [1, 1] as Pair }))
  .filter((placement) => fits(placement));

const pools = placements.map((placement) => ({ ...placement, dilation: [1, 1] as Pair })).filter((placement) => fits(placement));

const sizes = fc.record({ n: fc.integer({ min: 1, max: 2 }), channels: fc.integer({ min: 1, max: 2 }), filters: fc.integer({ min: 1, max: 2 }) });
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
            const differentiated = tf.valueAndGrads((a: tf.Tensor, b: tf.Tensor) => convolve(a, b, placement));
            const { value: y, grads: [toX, toKernel] } = differentiated([x, kernel], dy);
            expect(y.shape).toEqual(dy.shape);
            const expected = convolveByLoops(kind, { x, kernel, dy }, placement);
            expectAlike(y.dataSync(), expected.y, `${backend}: y`);
            expectAlike(toX!.dataSync(), expected.toX, `${backend}: gradient of x`);
            expectAlike(toKernel!.dataSync(), expected.toKernel, `${backend}: gradient of the kernel`);
          }),
        ),
        runs,
      ),
    ), patience);
});

test('pooling takes the largest value, and the mean, of what each window holds, and its gradient goes there', () =>
  onEveryBackend((backend) =>
    fc.assert(
      fc.property(pools, sizes, ({ image, window, stride, padding }, { n, channels }) =>
        tf.tidy(() => {
          const x = tf.round(tf.mul(normal('x', [2, n, ...image, channels]), 2)); // some are equal
          const dy = normal('dy', [2, n, ...sights({ image, window, stride, padding }).positions, channels]);
          const expected = poolByLoops(x, dy, { image, window, stride, padding });
          for (const [name, pool, { y, toX }] of [['largest', maxPool, expected.largest], ['mean', averagePool, expected.mean]] as const) {
            const options = { size: window, stride, padding };
            const { value, grad } = tf.valueAndGrad((given: tf.Tensor) => pool(given, options))(x, dy);
            expectAlike(value.dataSync(), y, `${backend}: ${name}`);
            expectAlike(grad.dataSync(), toX, `${backend}: gradient of ${name}`);
          }
        }),
      ),
      runs,
    ),
  ), patience);
