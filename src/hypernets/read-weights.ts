import { ShapeError } from '../core/errors';
import { isHostTensor, readHost, type HostParams } from '../core/host-tensor';
import { mapRecord, type Params, type ParamSpecs } from '../core/params';
import { formatShape, sameShape } from '../core/shape';

/**
 * Copies of the values of every entry of the specs, out of weights `[1, ...shape]` on the host or as tensors.
 *
 * @throws RangeError if one is missing, ShapeError if one has another shape
 */
export function readWeights(where: string, specs: ParamSpecs, weights: Params | HostParams): Readonly<Record<string, Float32Array>> {
  return mapRecord(specs, ({ shape }, name) => {
    const value = weights[name];
    if (!value)
      throw new RangeError(`${where}: expected an entry '${name}' as the base network has, got ${Object.keys(weights).join(', ') || 'none'}.`);
    if (!sameShape(value.shape, [1, ...shape]))
      throw new ShapeError(`${where}: ${name}: expected shape ${formatShape([1, ...shape])}, got ${formatShape(value.shape)}.`);
    return Float32Array.from((isHostTensor(value) ? value : readHost(value)).values);
  });
}
