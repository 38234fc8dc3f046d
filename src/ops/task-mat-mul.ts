import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { formatShape } from '../core/shape';
import { defineKernel } from './kernels';
import { unstackTasks } from './unstack-tasks';

/**
 * x `[T|1, n, i]` × kernel `[T|1, i, o]` → `[T, n, o]`. A kernel that all tasks share runs as one ordinary product
 * over all `T · n` rows. The gradient of an input that is shared sums over the tasks. The caller disposes.
 *
 * @throws ShapeError if the two do not fit
 */
export function taskMatMul(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  expectFit(x, kernel);
  const [tasks, n, inputs] = x.shape as [number, number, number];
  const [owners, , outputs] = kernel.shape as [number, number, number];
  return tf.tidy(() => {
    if (owners > 1) return multiply(tasks === 1 ? tf.tile(x, [owners, 1, 1]) : x, kernel, false, false);
    return tf.reshape(multiply(tf.reshape(x, [1, tasks * n, inputs]), kernel, false, false), [tasks, n, outputs]);
  });
}

/** a · b for each task, either turned first. Bilinear: its gradients are itself. */
function multiply(a: tf.Tensor, b: tf.Tensor, turnA: boolean, turnB: boolean): tf.Tensor {
  return kernel({ a, b }, { turnA, turnB });
}

const kernel = defineKernel(
  'HypermetaTaskMatMul',
  ['a', 'b'],
  ({ a, b }, attributes) => {
    const [turnA, turnB] = [attributes.turnA as boolean, attributes.turnB as boolean];
    if (!loopsFaster(a!, b!, turnA, turnB)) return tf.matMul(a!, b!, turnA, turnB);
    const matrices = (batch: tf.Tensor, turn: boolean) =>
      unstackTasks(batch).map((matrix) => (turn ? tf.transpose(matrix) : matrix) as tf.Tensor2D);
    const others = matrices(b!, turnB);
    return tf.stack(matrices(a!, turnA).map((matrix, task) => tf.matMul(matrix, others[task]!)));
  },
  (dy, [a, b], { turnA, turnB }) => ({
    a: () => (turnA ? multiply(b!, dy, !!turnB, true) : multiply(dy, b!, false, !turnB)),
    b: () => (turnB ? multiply(dy, a!, true, !!turnA) : multiply(a!, dy, !turnA, false)),
  }),
);

/**
 * wasm multiplies a batch of matrices, or one that is turned on the way, number by number, but two plain matrices with
 * vector instructions: where there is enough to do, one call per task is 5 to 10 times faster.
 */
function loopsFaster(a: tf.Tensor, b: tf.Tensor, turnA: boolean, turnB: boolean): boolean {
  const rows = a.shape[turnA ? 2 : 1]!;
  const columns = b.shape[turnB ? 1 : 2]!;
  const products = rows * columns * a.shape[turnA ? 1 : 2]!;
  return tf.getBackend() === 'wasm' && rows >= 16 && products >= 100_000;
}

function expectFit(x: tf.Tensor, kernel: tf.Tensor): void {
  const fits = x.rank === 3 && kernel.rank === 3 && x.shape[2] === kernel.shape[1];
  const tasksFit = x.shape[0] === kernel.shape[0] || x.shape[0] === 1 || kernel.shape[0] === 1;
  if (!fits || !tasksFit)
    throw new ShapeError(
      `taskMatMul: expected [T, n, i] and [T, i, o], got ${formatShape(x.shape)} and ${formatShape(kernel.shape)}.`,
    );
}
