import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { hostFloats, type HostParams } from '../core/host-tensor';
import type { Network } from '../core/network';
import { mapRecord, type Params } from '../core/params';
import type { TaskSource } from '../core/task';
import { functionToOnnx } from '../io/export-onnx';
import { writeSafetensors } from '../io/safetensors';

export interface ExportOptions {
  /** Samples that go through the model together. @default 1 */
  readonly batch?: number;
  /** `'logits'` gives a classifier's outputs before the softmax. @default 'values' */
  readonly output?: 'values' | 'logits';
}

/** Base weights of one task, `[1, ...shape]`, and the network that takes them, as an ONNX model. */
export function networkToOnnx(base: Network, weights: Params, { inputShape, objective }: TaskSource, options: ExportOptions = {}): Uint8Array {
  const { batch = 1, output = 'values' } = options;
  expectCount('toOnnx: batch', batch);
  const read = (raw: tf.Tensor) => (output === 'logits' ? raw : objective.readout(raw));
  return functionToOnnx((x) => tf.squeeze(read(base.apply(weights, tf.expandDims(x, 0))), [0]), [batch, ...inputShape]);
}

/** Base weights of one task without the task axis. */
export function weightsToSafetensors(weights: HostParams): Uint8Array {
  return writeSafetensors(mapRecord(weights, ({ values, shape }) => hostFloats(values, shape.slice(1))));
}
