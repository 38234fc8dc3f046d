import type * as tf from '@tensorflow/tfjs';
import type { Shape } from '../core/shape';
import { reduceWork } from '../engine/program';
import { lower } from '../onnx/lower';
import { boundTrace } from './bound-trace';

/**
 * A function of one tensor as the bytes of an ONNX model of standard operators: `input0` → `output0`. Tensors that the function
 * uses from outside are stored in the model, notes in its metadata.
 *
 * @throws EngineError for a function that draws noise, or has an operation without a counterpart
 */
export function functionToOnnx(fn: (x: tf.Tensor) => tf.Tensor, inputShape: Shape, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  return lower(reduceWork(boundTrace('functionToOnnx', fn, inputShape)), 'standard', metadata).bytes;
}
