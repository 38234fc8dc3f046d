import { ShapeError } from '../core/errors';
import { formatShape, sameShape } from '../core/shape';
import { graph } from './graph';
import type { Layer } from './layer';
import { numbered } from './sequential';

export interface ResidualOptions {
  /** What x goes through on the other way, such as a convolution 1 × 1 where the number of features changes. @default x itself */
  readonly shortcut?: readonly Layer[];
}

/**
 * x plus what the layers make of it; or what a shortcut makes of x, plus that.
 *
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2015 (arXiv 1512.03385), equations 1 and 2.
 *
 * @throws ShapeError if the layers change the shape, and the shortcut does not do it likewise
 */
export function residual(layers: readonly Layer[], { shortcut = [] }: ResidualOptions = {}): Layer {
  return {
    name: 'residual',
    build(inputShape) {
      const branch = numbered(layers);
      const around = shortcut.map((layer, index) => ({ name: `shortcut${index + 1}`, layer, ...(index === 0 ? { from: 'input' } : {}) }));
      const [made, kept] = [branch, around].map((parts) => graph(inputShape, parts, { name: 'residual' }).outputShape) as [readonly number[], readonly number[]];
      if (!sameShape(made, kept))
        throw new ShapeError(`residual: output of its layers: expected shape ${formatShape(kept)}, got ${formatShape(made)}.`);
      const ends = [branch, around].map((parts) => parts.at(-1)?.name ?? 'input');
      return graph(inputShape, [...branch, ...around, { name: 'sum', join: 'add', from: ends }], { name: 'residual' });
    },
  };
}
