import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import { constantInit } from '../core/initializers';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import type { ParamSpec } from '../core/params';
import type { Examples } from '../core/task';
import { solveSymmetric } from '../ops/solve';
import { baseWeights, bodySpecs, expectHead, supportFeatures } from './base-params';

export interface R2d2Options {
  /** Where the ridge λ starts; above 0. @default 1 */
  readonly ridge?: number;
  /** Where the scale α of the outputs starts; above 0. Classes are told apart more sharply from about 10. @default 1 */
  readonly scale?: number;
}

/**
 * The head is a ridge regression of the targets on the support features, in closed form: W = (ZᵀZ + λI)⁻¹ZᵀY, or where
 * there are fewer examples than features the same as Zᵀ(ZZᵀ + λI)⁻¹Y (Woodbury). Outputs are αZW + β; λ, α and β are
 * learned, λ and α as logarithms. The body is shared by all tasks; nothing is adapted by steps. Z has a last column of
 * ones, as in the authors' code. Serves any number of classes, and the values of a regression.
 *
 * Source: Bertinetto et al., "Meta-learning with differentiable closed-form solvers", 2019 (arXiv 1805.08136),
 * equations 4 to 6.
 *
 * @throws RangeError if the base network has no linear last layer, or an option is not above 0
 */
export function r2d2(base: Network, { ridge = 1, scale = 1 }: R2d2Options = {}): Learner {
  expectPositive('r2d2: ridge', ridge);
  expectPositive('r2d2: scale', scale);
  const head = expectHead('r2d2', base);
  return {
    name: 'R2-D2',
    base,
    ways: 'any-target',
    specs: {
      ...bodySpecs(base),
      'ridge/logLambda': oneNumber('scale', Math.log(ridge)),
      'ridge/logAlpha': oneNumber('scale', Math.log(scale)),
      'ridge/beta': oneNumber('shift', 0),
    },
    start: (meta, task) =>
      tf.tidy(() => {
        const features = supportFeatures(base, meta, task);
        const [, , size] = features.shape as [number, number, number];
        const solution = ridgeRegression(features, task.support, tf.exp(meta['ridge/logLambda']!));
        const scaled = tf.mul(solution, tf.exp(meta['ridge/logAlpha']!));
        return {
          [head.kernel]: tf.slice(scaled, [0, 0, 0], [-1, size, -1]),
          [head.bias]: tf.add(tf.squeeze(tf.slice(scaled, [0, size, 0], [-1, 1, -1]), [1]), meta['ridge/beta']!),
        };
      }),
    weights: baseWeights,
    adapts: () => [],
  };
}

function oneNumber(role: ParamSpec['role'], value: number): ParamSpec {
  return { shape: [], role, fanIn: 1, init: constantInit(value) };
}

/** Features `[T, n, F]`, y `[T, n, k]`, lambda `[1]` → `[T, F + 1, k]`, the constant last. Rows of weight 0 become rows of zeros. */
function ridgeRegression(features: tf.Tensor, { y, weight }: Examples, lambda: tf.Tensor): tf.Tensor {
  const [tasks, n, size] = features.shape as [number, number, number];
  const share = tf.expandDims(tf.sqrt(weight), 2); // squares are weighted
  const z = tf.mul(tf.concat([features, tf.ones([tasks, n, 1])], 2), share);
  const targets = tf.mul(y, share);
  const ridged = (gram: tf.Tensor) => tf.add(gram, tf.mul(tf.eye(gram.shape[1]!), lambda));
  if (n > size) return solveSymmetric(ridged(tf.matMul(z, z, true, false)), tf.matMul(z, targets, true, false));
  return tf.matMul(z, solveSymmetric(ridged(tf.matMul(z, z, false, true)), targets), true, false);
}
