import { ShapeError } from './errors';
import { isHostTensor, readHost, type HostParams } from './host-tensor';
import type { Network } from './network';
import { mapRecord, type Initializer, type Params, type ParamSpecs } from './params';
import { formatShape, sameShape, type Shape } from './shape';

/**
 * The same network, whose parameters start at given weights, each `[1, ...shape]`, such as those of a trained one; copied.
 * Whatever is built on it starts there: `maml(startAt(base, weights))` meta-trains from pretrained weights, and a residual
 * hypernetwork's own base weights are these. More entries than the network has do no harm.
 *
 * A learner with one head column for any number of ways starts it at the mean of the given columns. (Softmax does not
 * depend on what all columns have in common.)
 *
 * @example
 * maml(startAt(mlp([1, 40, 1]), weights)) // weights['dense1/kernel'] is [1, 1, 40]
 *
 * @throws RangeError if an entry is missing, ShapeError if one has another shape
 */
export function startAt<Given extends Network>(network: Given, weights: Params | HostParams): Given {
  const values = readWeights('startAt: weights', network.specs, weights);
  return { ...network, specs: mapRecord(network.specs, (spec, name) => ({ ...spec, init: copyOf(name, values[name]!, spec.shape) })) };
}

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

/** The values, or the mean over their columns where one column is asked for. */
function copyOf(name: string, values: Float32Array, own: Shape): Initializer {
  return (_rng, shape) => {
    if (sameShape(shape, own)) return values.slice();
    if (!sameShape(shape, [...own.slice(0, -1), 1]))
      throw new ShapeError(`startAt: ${name}: expected shape ${formatShape(own)} as the weights have, got ${formatShape(shape)}.`);
    const columns = own.at(-1)!;
    const meanOfRow = (_: unknown, row: number) =>
      values.subarray(row * columns, (row + 1) * columns).reduce((sum, value) => sum + value, 0) / columns;
    return Float32Array.from({ length: values.length / columns }, meanOfRow);
  };
}
