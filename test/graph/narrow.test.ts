import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import type { Shape } from '../../src/core/shape';
import { valueAndGradients } from '../../src/ops/gradients';
import { expectCompiled, normal } from '../helpers/compiled';

beforeAll(() => tf.setBackend('cpu'));

type Operation = (x: tf.Tensor, w: tf.Tensor, s: tf.Tensor, d: tf.Tensor) => tf.Tensor;

const meet: Readonly<Record<string, Operation>> = {
  'x w · s': (x, w, s) => tf.mul(tf.matMul(x, w), s),
  'x w + s': (x, w, s) => tf.add(tf.matMul(x, w), s),
  'xᵀ (x w + s)': (x, w, s) => tf.matMul(x, tf.add(tf.matMul(x, w), s), true),
  'xᵀ (s − x w)': (x, w, s) => tf.matMul(x, tf.sub(s, tf.matMul(x, w)), true),
  'xᵀ (d + s − x w)': (x, w, s, d) => tf.matMul(x, tf.sub(tf.add(d, s), tf.matMul(x, w)), true),
};

const rows = 32;

/** What broadcasts to `[T, rows, C]`. */
const operandsOf = (tasks: number, columns: number): readonly Shape[] => [
  [], [1], [columns], [1, 1], [1, columns], [1, 1, 1], [1, 1, columns], [tasks, 1, 1], [tasks, 1, columns],
  [rows, 1], [1, rows, 1], [tasks, rows, 1], [rows, columns], [tasks, rows, columns],
];

// As many tasks as columns, or as inputs: a shape alone does not tell which is which.
describe.each([[1, 2, 4], [2, 2, 4], [4, 2, 4]])('a product of few columns meets what broadcasts: %i tasks, %i inputs, %i columns', (tasks, inputs, columns) =>
  describe.each([tasks, ...(tasks > 1 ? [1] : [])])('weights of %i', (owners) =>
    test.each(Object.entries(meet))('%s', async (_name, operation) => {
      const x = normal('x', [tasks, rows, inputs]);
      const w = normal('w', [owners, inputs, columns]);
      const d = normal('d', [tasks, rows, columns]);
      const operands = Object.fromEntries(operandsOf(tasks, columns).map((shape) => [`s [${shape.join()}]`, normal('s', shape)]));
      await expectCompiled(
        ({ x, w, d, ...each }) => Object.fromEntries(Object.entries(each).map(([name, s]) => [name, operation(x!, w!, s, d!)])),
        { x, w, d, ...operands },
      );
    }),
  ),
);

test('half the sum of squared distances from 1 has a gradient', () =>
  expectCompiled(
    ({ x, w, b }) => {
      const loss = ({ w, b }: Readonly<Record<string, tf.Tensor>>) => tf.mul<tf.Scalar>(tf.sum(tf.square(tf.sub(tf.add(tf.matMul(x!, w!), b!), 1))), 0.5);
      return valueAndGradients(loss, { w: w!, b: b! }).gradients;
    },
    { x: normal('x', [1, 10, 1]), w: normal('w', [1, 1, 4]), b: normal('b', [1, 1, 4]) },
  ));
