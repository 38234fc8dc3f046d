import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import { formatShape } from '../core/shape';

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
    if (owners === 1) {
      const product = tf.matMul(tf.reshape(x, [tasks * n, inputs]), tf.reshape(kernel, [inputs, outputs]));
      return tf.reshape(product, [tasks, n, outputs]);
    }
    return tf.matMul(tasks === 1 ? tf.tile(x, [owners, 1, 1]) : x, kernel); // tfjs does not sum a broadcast gradient
  });
}

function expectFit(x: tf.Tensor, kernel: tf.Tensor): void {
  const fits = x.rank === 3 && kernel.rank === 3 && x.shape[2] === kernel.shape[1];
  const tasksFit = x.shape[0] === kernel.shape[0] || x.shape[0] === 1 || kernel.shape[0] === 1;
  if (!fits || !tasksFit)
    throw new ShapeError(
      `taskMatMul: expected [T, n, i] and [T, i, o], got ${formatShape(x.shape)} and ${formatShape(kernel.shape)}.`,
    );
}
