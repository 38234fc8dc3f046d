import type { Network } from '../core/network';
import type { Shape } from '../core/shape';
import { graph, type LayerPart } from './graph';
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
  return graph(inputShape, numbered(layers), { name });
}

/** Layers as parts of a graph, each after the one before it, named and numbered by kind: `dense1`, `norm1`, `dense2`. */
export function numbered(layers: readonly Layer[]): readonly LayerPart[] {
  const counts = new Map<string, number>();
  return layers.map((layer) => {
    const number = (counts.get(layer.name) ?? 0) + 1;
    counts.set(layer.name, number);
    return { name: `${layer.name}${number}`, layer };
  });
}
