import * as tf from '@tensorflow/tfjs';
import { expectOneOf, expectPositive, ShapeError } from '../core/errors';
import { hostFloats } from '../core/host-tensor';
import { constantInit } from '../core/initializers';
import type { Network, Pass } from '../core/network';
import { mapRecord, type Params, type ParamSpecs } from '../core/params';
import { withoutTaskAxis } from '../core/standard-layer';
import { batchMoments, normalizeBatch, sharesOf } from '../ops/batch-norm';
import { onFeatureRows, scaleAndShift } from './feature-rows';
import type { Layer } from './layer';
import { normSpecs, type NormOptions } from './layer-norm';

/**
 * Whose statistics a query is normalized with. `'support'`: those of the task's support set, measured after its last
 * step. `'batch'`: those of the batch at hand, so that a query's prediction depends on the other queries: transductive.
 * `'running'`: an average over meta-training, kept in the parameters.
 */
export type BatchStatistics = 'support' | 'batch' | 'running';

/** Statistics of each feature that never change, such as those of a pretrained network. */
export interface GivenStatistics {
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
}

export interface BatchNormOptions extends NormOptions {
  /** A policy, or given statistics, in meta-training and after. @default 'support' */
  readonly statistics?: BatchStatistics | GivenStatistics;
  /** ε, added to the variance. @default 0.001 */
  readonly epsilon?: number;
}

/**
 * Each feature with mean 0 and variance 1, then scaled and shifted. Statistics are each task's own, over its examples and
 * positions, padding left out; they are measured on the batch at hand unless `params` holds `mean` and `variance`.
 *
 * Source: Ioffe, Szegedy, "Batch Normalization", 2015 (arXiv 1502.03167); support statistics: Bronskill et al.,
 * "TaskNorm", 2020 (arXiv 2003.03284), section 3.
 */
export function batchNorm({ statistics = 'support', epsilon = 1e-3, ...options }: BatchNormOptions = {}): Layer {
  if (typeof statistics === 'string') expectOneOf('batchNorm: statistics', statistics, ['support', 'batch', 'running']);
  expectPositive('batchNorm: epsilon', epsilon);
  return {
    name: 'norm',
    build(inputShape) {
      const shape = inputShape.slice(-1);
      const features = shape[0]!;
      const trained = normSpecs(features, options);
      const running: ParamSpecs = {
        mean: { shape, role: 'statistic', fanIn: features, init: constantInit(0) },
        variance: { shape, role: 'statistic', fanIn: features, init: constantInit(1) },
      };
      const network: Network = {
        specs: statistics === 'running' ? { ...trained, ...running } : trained,
        inputShape,
        outputShape: inputShape,
        apply: (params, x, pass) => normalized(params, x, pass, epsilon),
        standardLayers({ scale, shift, mean, variance }) {
          if (!mean || !variance) return 'batch norm takes the statistics of the batch at hand';
          const config = { axis: -1, epsilon, scale: scale !== undefined, center: shift !== undefined };
          const weights = withoutTaskAxis({ gamma: scale, beta: shift, moving_mean: mean, moving_variance: variance });
          return [{ className: 'BatchNormalization', config, weights }];
        },
      };
      if (typeof statistics !== 'string') return withGiven(network, statistics, features);
      return statistics === 'batch' ? network : { ...network, observe };
    },
  };
}

function normalized(params: Params, x: tf.Tensor, pass: Pass | undefined, epsilon: number): tf.Tensor {
  const { scale, shift, mean, variance } = params;
  return tf.tidy(() => {
    if (mean && variance) {
      const standard = tf.rsqrt(tf.add(variance, epsilon));
      const factor = scale ? tf.mul(scale, standard) : standard;
      return scaleAndShift(x, factor, shift ? tf.sub(shift, tf.mul(mean, factor)) : tf.neg(tf.mul(mean, factor)));
    }
    const standard = onFeatureRows(x, (rows) => normalizeBatch(rows, shares(x, pass), epsilon));
    return scaleAndShift(standard, scale, shift);
  });
}

function withGiven(network: Network, { mean, variance }: GivenStatistics, features: number): Network {
  for (const [name, values] of Object.entries({ mean, variance }))
    if (values.length !== features)
      throw new ShapeError(`batchNorm: statistics: ${name}: expected ${features} values, one for each feature, got ${values.length}.`);
  const onHost = mapRecord({ mean, variance }, (values) => hostFloats(Float32Array.from(values), [1, features]));
  const fixed = () => mapRecord(onHost, ({ values, shape }) => tf.tensor(values, [...shape]));
  return {
    ...network,
    apply: (params, x, pass) => tf.tidy(() => network.apply({ ...params, ...fixed() }, x, pass)),
    standardLayers: (weights) => network.standardLayers!({ ...weights, ...onHost }),
  };
}

/** The new entries belong to the caller; the others are those of `params`, which keep statistics that they have. */
function observe(params: Params, x: tf.Tensor, pass?: Pass): Params {
  if (params['mean'] && params['variance']) return params;
  const moments = tf.tidy(() => {
    const { mean, variance } = batchMoments(tf.reshape(x, [x.shape[0], -1, x.shape.at(-1)!]), shares(x, pass));
    return { mean, variance };
  });
  return { ...params, ...moments };
}

/** What each example and position counts for. */
function shares(x: tf.Tensor, pass: Pass | undefined): tf.Tensor {
  const [tasks, n, ...rest] = x.shape as [number, number, ...number[]];
  const positions = rest.slice(0, -1).reduce((product, size) => product * size, 1);
  return sharesOf(pass?.weight ?? tf.ones([tasks, n]), positions);
}
