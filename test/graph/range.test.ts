import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { optimize } from '../../src/engine/program';
import { reachable } from '../../src/graph/graph';
import { trace } from '../../src/trace/trace';
import { runtimes } from '../helpers/lowered';
import { expectCompiled } from '../helpers/compiled';

beforeAll(() => tf.setBackend('cpu'));

type Operation = (x: tf.Tensor) => tf.Tensor;

const divided = (x: tf.Tensor, axis?: number) => tf.div(x, tf.max(tf.abs(x), axis, axis !== undefined));
const sized = (size: number) => tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, -1, -3, -5, -7].map((value) => value * size), [6, 2]);

/** Values of about 1 whose parts are not: of x about 1e±25, the square is beyond float32, and so is that of 1 / max|x|. */
const scaleFree: Readonly<Record<string, Operation>> = {
  'the square': (x) => tf.square(divided(x)),
  'the sum of squares': (x) => tf.sum(tf.square(divided(x))),
  'the sum of squares by columns': (x) => tf.sum(tf.square(divided(x, 0)), 0),
  'the sum of squares of other shape': (x) => tf.sum(tf.square(tf.reshape(divided(x, 0), [3, 4])), 0),
  'the product with another one': (x) => tf.sum(tf.mul(divided(x), tf.div(x, tf.mean(tf.abs(x))))),
  'the product of matrices': (x) => tf.matMul(divided(x), divided(x), true),
  'the product of matrices by columns': (x) => tf.matMul(divided(x, 0), divided(x, 0), true),
  'a cube of sums': (x) => tf.pow(tf.add(divided(x), tf.sum(divided(x), 0)), 3),
  'the variance': (x) => tf.moments(divided(x)).variance,
};

describe.each(runtimes)('on %s, what is in range uncompiled is in range compiled', (runtime) => {
  test.each(Object.keys(scaleFree))('x / max|x|: %s', async (name) => {
    for (const size of [1e-25, 1, 1e25]) await expectCompiled(({ x }) => ({ made: scaleFree[name]!(x!) }), { x: sized(size) }, { runtime });
  });

  test('x divided twice by 1e-25 or 1e25', async () => {
    const twice = (x: tf.Tensor) => tf.div(tf.div(x, tf.max(tf.abs(x))), tf.max(tf.abs(x)));
    for (const size of [1e-25, 1e25]) await expectCompiled(({ x }) => ({ made: tf.mul(twice(x!), size) }), { x: sized(size) }, { runtime });
  });

  test.each<readonly [string, Operation, number]>([
    ['x · 1e30 · 1e30', (x) => tf.mul(tf.mul(x, 1e30), 1e30), 1e-32],
    ['x · 1e-30 · 1e-30', (x) => tf.mul(tf.mul(x, 1e-30), 1e-30), 1e32],
    ['(x · 1e30)²', (x) => tf.square(tf.mul(x, 1e30)), 1e-30],
    ['Σ x · 1e30 · 1e30', (x) => tf.mul(tf.mul(tf.sum(x, 0), 1e30), 1e30), 1e-32],
    ['x W · 1e30 · 1e30', (x) => tf.mul(tf.mul(tf.matMul(x, tf.ones([2, 3])), 1e30), 1e30), 1e-32],
    ['(x · 1e30) (W · 1e30)', (x) => tf.matMul(tf.mul(x, 1e30), tf.mul(tf.tensor2d([[1, 2], [3, 4]]), 1e30)), 1e-32],
    ['(x · 1e30 + sin x · 1e30) · 1e30', (x) => tf.mul(tf.add(tf.mul(x, 1e30), tf.mul(tf.sin(x), 1e30)), 1e30), 1e-32],
    ['x / 1e-40', (x) => tf.div(x, 1e-40), 1e-36],
    ['x / 3e38', (x) => tf.div(x, 3e38), 1e37],
  ])('%s', (_name, compute, size) => expectCompiled(({ x }) => ({ made: compute(x!) }), { x: sized(size) }, { runtime }));
});

test('what was divided by a root of its own squares is taken apart still', () => {
  const standard = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.mean(tf.square(x), 0, true)));
  const { graph } = trace(([x, w]) => [tf.matMul(standard(x!), w!)], [{ shape: [100, 8], dtype: 'float32' }, { shape: [8, 3], dtype: 'float32' }]);
  const passes = reachable(optimize(graph).graph.outputs).filter(({ kernel, shape }) => kernel === 'Multiply' && shape[0] === 100);
  expect(passes.length).toBe(1); // x², and no x · 1 / root
});
