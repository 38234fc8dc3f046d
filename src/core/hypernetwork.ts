import type * as tf from '@tensorflow/tfjs';
import { ShapeError } from './errors';
import type { Params, ParamSpecs } from './params';
import { expectShape } from './shape';

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

/** What was generated. @throws ShapeError unless it is the weights that were asked for: `[T, ...shape]`, or `[1, ...shape]` for all tasks */
export function expectGenerated(where: string, generated: Params, target: ParamSpecs): Params {
  const [asked, made] = [Object.keys(target), Object.keys(generated)];
  if (made.length !== asked.length || !asked.every((name) => Object.hasOwn(generated, name)))
    throw new ShapeError(`${where}: expected generate() to give ${asked.join(', ')}, got ${made.join(', ') || 'nothing'}.`);
  for (const name of asked) expectShape(`${where}: ${name}`, generated[name]!, [null, ...target[name]!.shape]);
  return generated;
}
