import * as tf from '@tensorflow/tfjs';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, scopeRecord, type Params } from '../core/params';
import { classMeans } from '../embeddings/class-means';
import { baseParams, baseStatistics, expectHead, headNames } from './base-params';

/** The logit of a class that the support set does not show. */
const absent = -1e9;

/**
 * Scores a query by its squared distance to each class's mean feature: a linear head in closed form, kernel 2c and
 * bias −‖c‖². The body is shared by all tasks; nothing is adapted by steps. The base network's own head has no part
 * in it.
 *
 * Source: Snell, Swersky, Zemel, "Prototypical Networks", 2017 (arXiv 1703.05175), equations 1, 2 and 8.
 *
 * @throws RangeError if the base network has no linear last layer
 */
export function protonet(base: Network): Learner {
  const head = expectHead('protonet', base);
  const body = (meta: Params) => filterRecord(baseParams(base, meta), (name) => !headNames(base).includes(name));
  return {
    name: 'ProtoNet',
    base,
    ways: 'any',
    specs: scopeRecord(filterRecord(base.specs, (name) => !headNames(base).includes(name)), 'base'),
    start(meta, { support, noise }) {
      const weights = { ...body(meta), ...baseStatistics(base, meta) };
      const features = head.features(weights, support.x, { weight: support.weight, noise });
      const { means, counts } = classMeans(features, support);
      const bias = tf.where(tf.greater(counts, 0), tf.neg(tf.sum(tf.square(means), 2)), tf.fill(counts.shape, absent));
      return { [head.kernel]: tf.mul(tf.transpose(means, [0, 2, 1]), 2), [head.bias]: bias };
    },
    weights: (meta, { state }) => ({ ...body(meta), ...state, ...baseStatistics(base, meta) }),
    adapts: () => [],
  };
}
