import * as tf from '@tensorflow/tfjs';
import type { KernelGradient } from './kernels';

/** Puts our gradient of a tfjs kernel in place of its own. Only inputs are saved. */
export function replaceGradient(kernelName: string, inputNames: readonly string[], gradient: KernelGradient): void {
  if (tf.getGradient(kernelName)) tf.unregisterGradient(kernelName);
  tf.registerGradient({
    kernelName,
    inputsToSave: [...inputNames],
    outputsToSave: [],
    gradFunc: (dy, saved, attributes) => ({ ...gradient(dy as tf.Tensor, saved, attributes) }), // one output each
  });
}

/** Sums a gradient over the axes along which its input was broadcast. */
export function sumTo(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  if (tf.util.arraysEqual(gradient.shape, [...shape])) return gradient;
  const axes = tf.backend_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape]);
}

/** Runs a tfjs kernel that has no public operation; recorded for the next gradient like any other. */
export function runKernel(kernelName: string, inputs: Readonly<Record<string, tf.Tensor>>, attributes: object): tf.Tensor {
  return tf.engine().runKernel(kernelName, { ...inputs }, { ...attributes }); // tfjs calls every attribute a NamedAttrMap
}
