import * as tf from '@tensorflow/tfjs';
import { defineKernel } from './kernels';

/** Mean and variance of each task's features, `[T, C]`. */
export interface Moments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/**
 * (x − μ) / √(σ² + ε): each task's features with its own batch's statistics. x `[T, m, C]`; `share` `[T, m]` is what each
 * row counts for, summing to 1 per task (`sharesOf`), 0 on padding. Not differentiable in `share`. Right to any order.
 * The caller disposes.
 *
 * Source: Ioffe, Szegedy, "Batch Normalization", 2015 (arXiv 1502.03167), algorithm 1.
 */
export function normalizeBatch(x: tf.Tensor, share: tf.Tensor, epsilon: number): tf.Tensor {
  return normalize({ x, share }, { epsilon });
}

/** Statistics of x `[T, m, C]` with rows counted by `share` `[T, m]`; differentiable to any order. The caller disposes. */
export function batchMoments(x: tf.Tensor, share: tf.Tensor): Moments {
  return tf.tidy(() => {
    const mean = weightedMean(x, share);
    const variance = weightedMean(tf.square(tf.sub(x, mean)), share);
    return { mean: tf.squeeze(mean, [1]), variance: tf.squeeze(variance, [1]) };
  });
}

/**
 * `weight` `[T, n]` over the examples and `positions` within each → `[T, n · positions]` that sums to 1 per task. A task
 * of padding alone has shares 0. The caller disposes.
 */
export function sharesOf(weight: tf.Tensor, positions: number): tf.Tensor {
  return tf.tidy(() => {
    const total = tf.mul(tf.sum(weight, 1, true), positions);
    const share = tf.div(weight, tf.maximum(total, 1e-12));
    if (positions === 1) return share;
    const [tasks, n] = weight.shape as [number, number];
    return tf.reshape(tf.tile(tf.expandDims(share, 2), [1, 1, positions]), [tasks, n * positions]);
  });
}

const normalize = defineKernel(
  'HypermetaNormalizeBatch',
  ['x', 'share'],
  ({ x, share }, { epsilon }) => standardize(x!, share!, epsilon as number).standard,
  (dy, [x, share], attributes) => ({ x: () => normalizeGradient({ x: x!, share: share!, dy }, attributes) }),
);

// With shares p, x̂ = r (x − μ), r = 1 / √(σ² + ε), sums over the rows of a task:
//   ∂x̂/∂x · v  = r (v − Σ p v − x̂ Σ p x̂ v)
//   its transpose, the gradient: g(dy) = r (dy − p Σ dy − p x̂ Σ dy x̂)
const normalizeGradient = defineKernel(
  'HypermetaNormalizeBatchGradient',
  ['x', 'share', 'dy'],
  ({ x, share, dy }, { epsilon }) => {
    const { standard, scale } = standardize(x!, share!, epsilon as number);
    const sum = tf.sum(dy!, 1, true);
    const product = tf.sum(tf.mul(dy!, standard), 1, true);
    return tf.mul(tf.sub(dy!, tf.mul(tf.expandDims(share!, 2), tf.add(sum, tf.mul(standard, product)))), scale);
  },
  (dd, saved, attributes) => {
    const [x, share, dy] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const { standard, scale } = standardize(x, share, attributes.epsilon as number);
    const along = weightedMean(dd, share); // Σ p dd
    const across = weightedMean(tf.mul(standard, dd), share); // Σ p x̂ dd
    return {
      dy: () => tf.mul(tf.sub(tf.sub(dd, along), tf.mul(standard, across)), scale),
      // L = Σ dd g = r (Σ dd dy − Σ dy Σ p dd − Σ dy x̂ Σ p x̂ dd) depends on x through r, where ∂r/∂x = −r² p x̂, and x̂.
      x: () => {
        const product = tf.sum(tf.mul(dy, standard), 1, true);
        const projected = tf.add(tf.mul(tf.sum(dy, 1, true), along), tf.mul(product, across));
        const whole = tf.sub(tf.sum(tf.mul(dd, dy), 1, true), projected);
        const weight = tf.expandDims(share, 2);
        const throughScale = tf.mul(tf.mul(weight, standard), tf.mul(tf.square(scale), whole));
        const throughStandard = tf.mul(tf.add(tf.mul(dy, across), tf.mul(tf.mul(weight, dd), product)), scale);
        return tf.neg(tf.add(throughScale, normalizeGradient({ x, share, dy: throughStandard }, attributes)));
      },
    };
  },
);

/** x̂ `[T, m, C]` and r `[T, 1, C]`. */
function standardize(x: tf.Tensor, share: tf.Tensor, epsilon: number): { standard: tf.Tensor; scale: tf.Tensor } {
  const centred = tf.sub(x, weightedMean(x, share));
  const scale = tf.div(1, tf.sqrt(tf.add(weightedMean(tf.square(centred), share), epsilon)));
  return { standard: tf.mul(centred, scale), scale };
}

/** Σ p x over the rows: `[T, m, C]` → `[T, 1, C]`. */
function weightedMean(x: tf.Tensor, share: tf.Tensor): tf.Tensor {
  return tf.matMul(tf.expandDims(share, 1), x);
}
