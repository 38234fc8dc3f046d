import * as tf from '@tensorflow/tfjs';
import { graph, type GraphPart } from './graph';
import type { JoinName } from './join';
import type { Layer } from './layer';

export interface BidirectionalOptions {
  /** How the two readings become one. @default 'concat' */
  readonly join?: JoinName;
}

/**
 * A sequence read from both ends, by two layers of their own; what they put out at every step is joined step by step.
 *
 * Source: Schuster, Paliwal, "Bidirectional Recurrent Neural Networks", 1997 (IEEE Transactions on Signal Processing 45).
 *
 * @example
 * bidirectional((direction) => lstm(16, { direction }))
 */
export function bidirectional(layer: (direction: 'forward' | 'backward') => Layer, { join = 'concat' }: BidirectionalOptions = {}): Layer {
  return {
    name: 'bidirectional',
    build: (inputShape) =>
      graph(inputShape, [
        { name: 'forward', layer: layer('forward'), from: 'input' },
        { name: 'backward', layer: layer('backward'), from: 'input' },
        { name: 'turned', layer: turned },
        { name: 'joined', join, from: ['forward', 'turned'] },
      ] satisfies readonly GraphPart[], { name: 'bidirectional' }),
  };
}

/** The steps of a sequence in their own order again; a last step as it is. */
const turned: Layer = {
  name: 'turned',
  build: (inputShape) => ({
    specs: {},
    inputShape,
    outputShape: inputShape,
    apply: (_params, x) => (inputShape.length > 1 ? tf.reverse(x, 2) : tf.clone(x)),
  }),
};
