import * as tf from '@tensorflow/tfjs';

/** Where compiled functions are traced: see `engine/`. A copy of this library that is loaded later has one of its own. */
export const traceBackendName = freeName('hypermeta-trace');

function freeName(name: string): string {
  return tf.findBackendFactory(name) ? freeName(`${name}-again`) : name;
}

/** The back-ends on which our kernels run, composed from the back-end's own operations. */
const backends = ['cpu', 'wasm', 'tensorflow', 'webgl', 'webgpu', traceBackendName];

/** What a kernel of ours does, in tfjs operations. tfjs records nothing inside a kernel: its gradient is separate. */
export type Composition = (inputs: Readonly<Record<string, tf.Tensor>>, attributes: tf.NamedAttrMap) => tf.Tensor;

/** The gradients of a kernel's inputs, from tfjs operations and kernels of ours, so that they have gradients too. */
export type KernelGradient = (
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  attributes: tf.NamedAttrMap,
) => Readonly<Record<string, () => tf.Tensor>>;

/**
 * Registers a kernel with tfjs on every back-end, with its gradient. Inputs are saved, never outputs: tfjs loses the
 * path through a saved output on the second derivative. Registering a name twice changes nothing.
 */
export function defineKernel(
  kernelName: string,
  inputNames: readonly string[],
  composition: Composition,
  gradient: KernelGradient,
): (inputs: Readonly<Record<string, tf.Tensor>>, attributes?: tf.NamedAttrMap) => tf.Tensor {
  for (const backendName of backends)
    if (!tf.getKernel(kernelName, backendName))
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: ({ inputs, attrs }) =>
          tf.tidy(() => composition(inputs as unknown as Record<string, tf.Tensor>, attrs ?? {})), // eager inputs are tensors
      });
  if (!tf.getGradient(kernelName))
    tf.registerGradient({
      kernelName,
      inputsToSave: [...inputNames],
      outputsToSave: [],
      gradFunc: (dy, saved, attributes) => ({ ...gradient(dy as tf.Tensor, saved, attributes) }), // one output each
    });
  return (inputs, attributes = {}) =>
    tf.engine().runKernel(kernelName, { ...inputs }, attributes);
}
