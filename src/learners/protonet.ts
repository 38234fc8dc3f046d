import * as tf from '@tensorflow/tfjs';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { classMeans } from '../embeddings/class-means';
import { absence, baseWeights, bodySpecs, expectHead, supportFeatures } from './base-params';

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
  return {
    name: 'ProtoNet',
    base,
    ways: 'any',
    specs: bodySpecs(base),
    start(meta, task) {
      const { means, counts } = classMeans(supportFeatures(base, meta, task), task.support);
      const bias = tf.sub(absence(counts), tf.sum(tf.square(means), 2));
      return { [head.kernel]: tf.mul(tf.transpose(means, [0, 2, 1]), 2), [head.bias]: bias };
    },
    weights: baseWeights,
    adapts: () => [],
  };
}
