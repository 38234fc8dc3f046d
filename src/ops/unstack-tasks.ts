import * as tf from '@tensorflow/tfjs';

/**
 * `[T, ...shape]` → T tensors `[...shape]`. Not differentiable: for use inside kernels, where tfjs records nothing. The
 * caller disposes.
 */
export function unstackTasks(x: tf.Tensor): tf.Tensor[] {
  const [tasks, ...shape] = x.shape as [number, ...number[]];
  if (tasks === 1) return [tf.reshape(x, shape)];
  if (tf.getBackend() !== 'wasm') return tf.unstack(x);
  // On wasm every slice copies the whole tensor first: read it once instead.
  const values = x.dataSync();
  const size = values.length / tasks;
  return Array.from({ length: tasks }, (_, task) => tf.tensor(values.subarray(task * size, (task + 1) * size), shape));
}
