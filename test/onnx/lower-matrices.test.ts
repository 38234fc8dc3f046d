import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../src/graph/graph';
import { lower } from '../../src/onnx/lower';
import { loadRuntime } from '../../src/onnx/onnxruntime';
import { solveSymmetric } from '../../src/ops/solve';
import { expectAgreement, runtimes } from '../helpers/lowered';

beforeAll(() => tf.setBackend('cpu'));

const swapped = ([...shape]: readonly number[]) => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
const waves = (shape: readonly number[], pace: number) => tf.range(0, tf.util.sizeFromShape([...shape])).mul(pace).sin().reshape([...shape]);

describe('a product of matrices', () => {
  const shapes = [
    [[4, 5], [5, 6]],
    [[3, 4, 5], [3, 5, 6]],
    [[3, 4, 5], [1, 5, 6]],
    [[1, 4, 5], [3, 5, 6]],
    [[3, 4, 5], [5, 6]],
    [[2, 1, 4, 5], [1, 3, 5, 6]],
    [[2, 3, 4, 5], [3, 5, 6]],
    [[3, 1, 5], [1, 5, 1]],
  ] as const;
  const ways = [
    { transposeA: false, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: false },
    { transposeA: true, transposeB: true, alpha: -0.5 },
    { transposeA: false, transposeB: false, alpha: 2 },
  ];
  test.each(shapes)('%j × %j, and transposed, and scaled', async (a, b) => {
    for (const how of ways) {
      const { transposeA, transposeB, alpha = 1 } = how;
      const factors = [waves(transposeA ? swapped(a) : a, 0.7), waves(transposeB ? swapped(b) : b, 1.3)];
      const batch = tf.backend_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
      const full = (x: tf.Tensor) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]); // cpu mixes the batches up otherwise
      const product = (x: tf.Tensor, y: tf.Tensor) => tf.mul(tf.matMul(full(x), full(y), transposeA, transposeB), alpha);
      await expectAgreement('BatchMatMul', how, factors, (x, y) => product(x, y), 'largest');
    }
  });
});

describe('a solution of linear equations', () => {
  const noise = (shape: readonly number[]) => tf.randomNormal([...shape], 0, 1, 'float32', 7);

  test.each([[1, 1, 1], [2, 3, 2], [3, 12, 5]] as const)('of %i tasks, size %i, %i columns', async (tasks, size, columns) => {
    const roots = noise([tasks, size, size]);
    const skew = tf.sub(roots, tf.transpose(roots, [0, 2, 1])); // must not count
    const a = tf.add(tf.add(tf.matMul(roots, roots, false, true), tf.eye(size)), skew);
    await expectAgreement('SolveSymmetric', {}, [a, noise([tasks, size, columns])], (matrices, sides) => solveSymmetric(matrices, sides), 'largest');
  });

  test('of a matrix that is not positive definite is NaN, in that task alone', async () => {
    const { input, node } = graphBuilder();
    const inputs = [input([3, 2, 2], 'float32'), input([3, 2, 1], 'float32')];
    const model = lower({ inputs, outputs: [node('SolveSymmetric', inputs, {}, [3, 2, 1])] });
    for (const name of runtimes) {
      const session = await (await loadRuntime(name)).open(model);
      const input0 = Float32Array.of(1, 1, 1, 1, 2, 0, 0, 4, 1, 0, 0, -1); // singular, fine, indefinite
      const { output0 } = await session.run({ input0, input1: Float32Array.of(1, 1, 1, 1, 1, 1) });
      expect(Array.from(output0!)).toEqual([NaN, NaN, 0.5, 0.25, NaN, NaN]);
      await session.release();
    }
  });
});
