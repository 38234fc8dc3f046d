import * as tf from '@tensorflow/tfjs';
import type { Hypernetwork } from '../core/hypernetwork';
import { filterRecord, type Params } from '../core/params';
import { expectShape } from '../core/shape';
import { valueAndGradients } from '../ops/gradients';

/** Jᵀ Δθ: what a change of the generated weights asks of the parameters and of the embedding. */
export interface VectorJacobian {
  /** For every parameter of the hypernetwork, in its shape: a sum over the tasks where all share it. */
  readonly params: Params;
  /** `[T, embeddingSize]`. */
  readonly embedding: tf.Tensor;
}

/**
 * The product of a change of the generated weights with the Jacobian of the hypernetwork: the door for gradients that are
 * found elsewhere, such as by clients who train the weights on data of their own and send nothing but the change.
 * `change` has entries `[T, ...shape]`, named as the target; an entry that is missing did not change. Where it is a
 * loss's gradient with respect to the weights, or weights before training less those after, the result is a direction
 * to descend. Pure; the caller disposes.
 *
 * Source: Shamsian et al., "Personalized Federated Learning using Hypernetworks", 2021 (arXiv 2103.04628), algorithm 1:
 * the server's update of φ, the parameters, and of v, the client's embedding.
 *
 * @example
 * const before = hypernetwork.generate(params, embedding);
 * const after = await trainElsewhere(before);
 * const change = mapParams(before, (value, name) => tf.sub(value, after[name]));
 * vectorJacobian(hypernetwork, params, embedding, change).params;
 *
 * @throws RangeError if an entry is none of the target's, ShapeError if it has another shape
 */
export function vectorJacobian(hypernetwork: Hypernetwork, params: Params, embedding: tf.Tensor, change: Params): VectorJacobian {
  const { target, generate } = hypernetwork;
  for (const [name, value] of Object.entries(change)) {
    const spec = target[name];
    if (!spec) throw new RangeError(`vectorJacobian: change: expected entries of ${Object.keys(target).join(', ')}, got '${name}'.`);
    expectShape(`vectorJacobian: change: ${name}`, value, [embedding.shape[0], ...spec.shape]);
  }
  // Σ θ · Δθ has the gradient Jᵀ Δθ.
  const product = ({ [embeddingKey]: own, ...others }: Params) => {
    const weights = generate(others, own!);
    const products = Object.entries(change).map(([name, value]) => tf.sum(tf.mul(weights[name]!, value)));
    return products.reduce((sum, each) => tf.add(sum, each), tf.scalar(0));
  };
  const { value, gradients } = valueAndGradients(product, { ...params, [embeddingKey]: embedding });
  value.dispose();
  return { params: filterRecord(gradients, (name) => name !== embeddingKey), embedding: gradients[embeddingKey]! };
}

/** No parameter has an empty name. */
const embeddingKey = '';
