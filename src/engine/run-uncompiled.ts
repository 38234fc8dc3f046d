import * as tf from '@tensorflow/tfjs';
import { toTensor, type DataType, type HostTensor } from '../core/host-tensor';
import { seededNoise, type Noise } from '../core/noise';
import type { Rng } from '../core/rng';
import { flattenContainer, isTensor, rebuildContainer } from './containers';

/** A function as it is, on tfjs: of values on the host, to the same lists and records as it gives, with values on the host. */
export async function runUncompiled(fn: (inputs: readonly tf.Tensor[], noise: Noise) => unknown, inputs: readonly HostTensor[], rng: Rng): Promise<unknown> {
  let made: unknown;
  const tensors = tf.tidy(() => {
    made = fn(inputs.map((input) => toTensor(input)), seededNoise(rng));
    return flattenContainer(made, isTensor).leaves.map((tensor) => tensor.clone()); // one from outside is not ours to dispose
  });
  const values = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
  const outputs = tensors.map(({ shape, dtype }, index): HostTensor => ({ values: values[index]!.slice(), shape, dtype: dtype as DataType })); // tfjs may reuse its own
  tf.dispose(tensors);
  return rebuildContainer(made, isTensor, outputs);
}
