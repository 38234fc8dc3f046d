import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import type { Params, ParamSpecs } from '../core/params';
import { expectShape } from '../core/shape';

/** What a family builds for one target: its parameters, and how they and `embedding` [T, E] become the target. */
export interface Generation {
  readonly specs: ParamSpecs;
  generate(params: Params, embedding: tf.Tensor): Params;
}

/**
 * A hypernetwork family with the checks that all share.
 *
 * @throws RangeError if the embedding has no size, or the target is empty or holds running statistics
 * @throws ShapeError from `generate`: `embedding: expected shape [*, 4], got [1, 5].`
 */
export function hypernetworkFamily(
  name: string,
  embeddingSize: number,
  build: (target: ParamSpecs) => Generation,
): HypernetworkFamily {
  expectCount(`${name}: embeddingSize`, embeddingSize);
  return {
    embeddingSize,
    build(target) {
      expectTarget(name, target);
      const { specs, generate } = build(target);
      return {
        specs,
        target,
        embeddingSize,
        generate(params, embedding) {
          expectShape('embedding', embedding, [null, embeddingSize]);
          return tf.tidy(() => generate(params, embedding));
        },
      };
    },
  };
}

function expectTarget(where: string, target: ParamSpecs): void {
  if (Object.keys(target).length === 0)
    throw new RangeError(`${where}: target: expected at least one parameter to generate, got none.`);
  const statistic = Object.keys(target).find((name) => target[name]!.role === 'statistic');
  if (statistic !== undefined)
    throw new RangeError(
      `${where}: target: expected trained parameters only, got the running statistic '${statistic}'; statistics are measured, so leave them out.`,
    );
}
