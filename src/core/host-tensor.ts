import * as tf from '@tensorflow/tfjs';
import { disposeParams, mapRecord, type Params } from './params';
import type { Shape } from './shape';

/** What a tensor's values are. */
export type DataType = 'float32' | 'int32' | 'bool';

/** The values of a tensor on the host, row-major; booleans are 0 and 1. */
export type HostValues = Float32Array | Int32Array | Uint8Array;

/** A tensor's values on the host: what compiled functions take and give. */
export interface HostTensor<Values extends HostValues = HostValues> {
  readonly values: Values;
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** Float32 values on the host. */
export type HostFloats = HostTensor<Float32Array>;

/** Named values, as `Params` are named tensors. */
export type HostParams = Readonly<Record<string, HostFloats>>;

export function hostFloats(values: Float32Array, shape: Shape): HostFloats {
  return { values, shape, dtype: 'float32' };
}

/** A tensor's values; they may be those that tfjs itself keeps, so copy before a change. */
export function readHost(tensor: tf.Tensor): HostTensor {
  return { values: tensor.dataSync<'float32'>(), shape: tensor.shape, dtype: tensor.dtype as DataType }; // numbers
}

/** Copies of the values of float32 tensors. */
export function copyToHost(params: Params): HostParams {
  return mapRecord(params, copyFloats);
}

/** Values on the host as they are, those of float32 tensors copied. */
export function toHost(params: HostParams | Params): HostParams {
  const each: Readonly<Record<string, HostFloats | tf.Tensor>> = params;
  return mapRecord(each, (value) => ('dataSync' in value ? copyFloats(value) : value));
}

function copyFloats(tensor: tf.Tensor): HostFloats {
  return hostFloats(Float32Array.from(readHost(tensor).values), tensor.shape);
}

/** Moves float32 tensors to arrays on the host: to those of `used` where it has them, else to new ones. Disposes the tensors. */
export function moveToHost(params: Params, allocate: (length: number) => Float32Array, used: HostParams = {}): HostParams {
  const moved = mapRecord(params, (tensor, name) => {
    const values = used[name]?.values ?? allocate(tensor.size);
    values.set(readHost(tensor).values);
    return hostFloats(values, tensor.shape);
  });
  disposeParams(params);
  return moved;
}

/** Values that stay as they are when the others change. */
export function copyOnHost(params: HostParams): HostParams {
  return mapRecord(params, ({ values, shape }) => hostFloats(values.slice(), shape));
}

/** The caller disposes. */
export function toTensor({ values, shape, dtype }: HostTensor): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}

export function isHostTensor(value: unknown): value is HostTensor {
  return typeof value === 'object' && value !== null && 'values' in value && ArrayBuffer.isView(value.values);
}
