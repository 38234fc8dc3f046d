import type { Network } from '../core/network';
import type { Shape } from '../core/shape';
import { graph } from './graph';
import type { Layer } from './layer';

export interface SequentialOptions {
  /** How errors call the network. @default 'sequential' */
  readonly name?: string;
}

/**
 * Layers one after another. Parameters are named by layer and number: `dense1/kernel`, `norm2/scale`. A last dense
 * layer, with its bias, becomes the network's `head`.
 *
 * @throws ShapeError where a layer does not fit the one before it
 */
export function sequential(
  inputShape: Shape,
  layers: readonly Layer[],
  { name = 'sequential' }: SequentialOptions = {},
): Network {
  const counts = new Map<string, number>();
  const parts = layers.map((layer) => {
    const number = (counts.get(layer.name) ?? 0) + 1;
    counts.set(layer.name, number);
    return { name: `${layer.name}${number}`, layer };
  });
  return graph(inputShape, parts, { name });
}
