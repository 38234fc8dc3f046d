import * as tf from '@tensorflow/tfjs';
import { mapParams, type Params } from '../core/params';

/** Below this a curvature counts as none. */
const flat = 1e-30;

/**
 * Solves A x = b for each task on its own, by so many conjugate-gradient steps from x = 0; exact after as many as there
 * are unknowns, up to rounding. A is symmetric; a task stops where it is solved, or where A is not positive along the way.
 * All entries are `[T, ...]`.
 *
 * Source: Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
 *
 * @param product x → A x
 */
export function conjugateGradients(product: (x: Params) => Params, b: Params, steps: number): Params {
  let solution = mapParams(b, (value) => tf.zeros(value.shape));
  let [residual, direction, size] = [b, b, taskDot(b, b)];
  let going: tf.Tensor = tf.ones(size.shape);
  for (let step = 0; step < steps; step++) {
    const image = product(direction);
    const curvature = taskDot(direction, image);
    going = tf.mul(going, tf.cast(tf.greater(curvature, flat), 'float32'));
    const length = tf.mul(going, tf.div(size, tf.where(tf.greater(going, 0), curvature, tf.onesLike(curvature)))); // α
    solution = addScaled(solution, direction, length);
    residual = addScaled(residual, image, tf.neg(length));
    const next = taskDot(residual, residual);
    direction = addScaled(residual, direction, tf.div(next, tf.maximum(size, flat))); // β
    size = next;
  }
  return solution;
}

/** The sum over all entries of the products, for each task: `[T]`. */
export function taskDot(left: Params, right: Params): tf.Tensor {
  const products = Object.entries(left).map(([name, value]) => tf.mul(value, right[name]!));
  return tf.addN(products.map((product) => tf.sum(tf.reshape(product, [product.shape[0], -1]), 1)));
}

/** base + scale · added, scale `[T]`. */
function addScaled(base: Params, added: Params, scale: tf.Tensor): Params {
  return mapParams(base, (value, name) => tf.add(value, tf.mul(added[name]!, tf.reshape(scale, [-1, ...value.shape.slice(1).map(() => 1)]))));
}
