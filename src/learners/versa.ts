import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { constantInit, normalInit } from '../core/initializers';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord } from '../core/params';
import { classMeans } from '../embeddings/class-means';
import { activation as activationLayer, type ActivationName } from '../nn/activation';
import { dense } from '../nn/dense';
import { sequential } from '../nn/sequential';
import { absence, baseWeights, bodySpecs, expectHead, supportFeatures } from './base-params';

export interface VersaOptions {
  /** Hidden sizes of the two networks that see a class's mean feature. @default [64, 64] */
  readonly hidden?: readonly number[];
  /** Between their layers. @default 'elu' */
  readonly activation?: ActivationName;
}

/**
 * A distribution over heads in one pass: from a class's mean support feature, two small networks make the mean and the
 * log variance of its head column, which is then sampled. The body is shared by all tasks; nothing is adapted by steps,
 * and any number of classes is served. Meta-training follows the query loss of one sample a task, the paper's
 * objective with L = 1; `trainer.adapt(support, { samples: 10 })` averages the predictions of several.
 *
 * Source: Gordon et al., "Meta-Learning Probabilistic Inference for Prediction", 2019 (arXiv 1805.09921), section 3.
 *
 * @throws RangeError if the base network has no linear last layer, or a size is not a count
 */
export function versa(base: Network, { hidden = [64, 64], activation = 'elu' }: VersaOptions = {}): Learner {
  const head = expectHead('versa', base);
  hidden.forEach((size) => expectCount('versa: hidden', size));
  const features = base.specs[head.kernel]!.shape[0]!; // a head's kernel has a spec
  const width = hidden.at(-1) ?? features;
  const columns = (deviation: number, start: number) => {
    const layers = hidden.flatMap((size) => [dense(size), activationLayer(activation)]);
    const init = () => normalInit(deviation / Math.sqrt(width));
    return sequential([features], [...layers, dense(features + 1, { init, biasInit: () => constantInit(start) })]);
  };
  // Whatever the number of features, logits start at about 1, and the samples' part in their variance at a tenth.
  const means = columns(1 / Math.sqrt(features), 0);
  const logVariances = columns(0.1, Math.log(0.1 / features));

  return {
    name: 'VERSA',
    base,
    ways: 'any',
    specs: {
      ...bodySpecs(base),
      ...scopeRecord(means.specs, 'hyper/mean'),
      ...scopeRecord(logVariances.specs, 'hyper/logVariance'),
    },
    start: (meta, task) =>
      tf.tidy(() => {
        const seen = classMeans(supportFeatures(base, meta, task), task.support);
        const mean = means.apply(unscopeRecord(meta, 'hyper/mean'), seen.means);
        const logVariance = logVariances.apply(unscopeRecord(meta, 'hyper/logVariance'), seen.means);
        const sample = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), task.noise.normal(mean.shape)));
        const bias = tf.squeeze(tf.slice(sample, [0, 0, features], [-1, -1, 1]), [2]);
        return {
          [head.kernel]: tf.transpose(tf.slice(sample, [0, 0, 0], [-1, -1, features]), [0, 2, 1]),
          [head.bias]: tf.add(bias, absence(seen.counts)),
        };
      }),
    weights: baseWeights,
    adapts: () => [],
  };
}
