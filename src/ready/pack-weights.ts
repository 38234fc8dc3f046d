import { DataError } from '../core/errors';
import { hostFloats, type HostParams } from '../core/host-tensor';
import type { ParamSpecs } from '../core/params';
import { sizeOf } from '../core/shape';
import { packHalfFloats, unpackHalfFloats } from '../io/half-floats';

/** Meta-parameters as text: float16 values in the order of the specs, in base64. */
export function packWeights(specs: ParamSpecs, meta: HostParams): string {
  const values = Object.keys(specs).flatMap((name) => Array.from(meta[name]!.values)); // meta-parameters are those of the specs
  const bytes = packHalfFloats(Float32Array.from(values));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** The meta-parameters `[1, ...shape]` of `packWeights`. @throws DataError for a text of another size than these specs have */
export function unpackWeights(specs: ParamSpecs, text: string): HostParams {
  const values = unpackHalfFloats(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  const shapes = Object.entries(specs).map(([name, { shape }]) => [name, [1, ...shape]] as const);
  const size = shapes.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  if (values.length !== size) throw new DataError(`unpackWeights: expected ${size} values, as the learner has, got ${values.length}.`);
  let at = 0;
  return Object.fromEntries(shapes.map(([name, shape]) => [name, hostFloats(values.slice(at, (at += sizeOf(shape))), shape)]));
}
