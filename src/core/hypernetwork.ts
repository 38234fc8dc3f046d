import type * as tf from '@tensorflow/tfjs';
import type { Params, ParamSpecs } from './params';

/**
 * Task embedding → parameters of a base network.
 *
 * Source: Ha, Dai, Le, "HyperNetworks", 2016 (arXiv 1609.09106).
 */
export interface Hypernetwork {
  /** The hypernetwork's own parameters. */
  readonly specs: ParamSpecs;
  /** What it generates. */
  readonly target: ParamSpecs;
  readonly embeddingSize: number;
  /**
   * `embedding` [T, embeddingSize] → every parameter of `target`, each `[T, ...shape]`, or `[1, ...shape]` where the
   * embedding does not count.
   */
  generate(params: Params, embedding: tf.Tensor): Params;
}

/** A hypernetwork whose target is still open: what the factories in `hypernets/` return. */
export interface HypernetworkFamily {
  readonly embeddingSize: number;
  /** The hypernetwork of this family for the given base parameters. */
  build(target: ParamSpecs): Hypernetwork;
}
