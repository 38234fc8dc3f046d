import * as tf from '@tensorflow/tfjs';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { constantInit } from '../core/initializers';
import { layerNoise } from '../core/layer-noise';
import type { Learner, TaskInputs } from '../core/learner';
import { filterRecord, scopeRecord, unscopeRecord, type Params } from '../core/params';
import { boxMeans } from '../embeddings/box-means';
import { unitSize } from '../embeddings/unit-size';
import { perClass } from '../hypernets/per-class';
import type { Detector } from '../nn/grid-detector';
import { absence, baseWeights } from './base-params';
import { generatedLearner, type Adapt } from './generated-learner';

export interface HyperDetectorOptions {
  /** Generates one column of the class head from a class embedding, which has as many values as a cell has features. */
  readonly head: HypernetworkFamily;
  /** What the inner steps change; with `'embedding'` also a bias of each class. @default 'weights' */
  readonly adapt?: Adapt;
  /** With `adapt: 'both'`: steps on the embedding before the weights take over. @default 1 */
  readonly embeddingSteps?: number;
}

/**
 * A detector of classes that a few annotated boxes show. A class embedding is the mean feature of the cells in the middles of its
 * boxes, each box counting alike, scaled to the length that a feature has, however many boxes there are; a hypernetwork generates
 * the class's column of the head from it, added to the embedding itself, which scores cells by their likeness to what was shown; the
 * inner steps refine the column on the support's detection loss. The convolutions are shared by all tasks, and so are the boxes,
 * unless the steps change all weights.
 *
 * Sources: a head generated from features of annotated boxes: Pérez-Rúa et al., "Incremental Few-Shot Object Detection", 2020
 * (arXiv 2003.04668), section 3; Tian et al., "CondInst", 2020 (arXiv 2003.05664), for generated 1 × 1 convolutions.
 *
 * @throws RangeError if the family's embedding has another size than a cell's features
 */
export function hyperDetector(base: Detector, options: HyperDetectorOptions): Learner {
  const { head, adapt = 'weights', embeddingSteps = 1 } = options;
  const { featureSize, classHead } = base;
  if (head.embeddingSize !== featureSize)
    throw new RangeError(`hyperDetector: head: expected a family for embeddings of ${featureSize} values, as many as features, got one for ${head.embeddingSize}.`);
  const classes = base.outputShape.at(-1)! - 4;
  const columns = perClass(head, { features: featureSize });
  const { kernel, bias } = classHead;
  const bodySpecs = filterRecord(base.specs, (name) => name !== kernel && name !== bias);

  function embed(meta: Params, task: TaskInputs): Params {
    const { support } = task;
    const weights = baseWeights(meta);
    const seen = base.features(weights, support.x, { weight: support.weight, ...layerNoise(task) });
    const { means, counts } = boxMeans(seen, support, classes);
    return { classes: unitSize(means), absence: absence(counts) }; // a mean of many is shorter than a feature
  }

  return generatedLearner({
    name: 'hypernetwork detector',
    base,
    specs: {
      ...scopeRecord(bodySpecs, 'base'),
      'start/bias': { ...base.specs[bias]!, shape: [1] }, // what all classes start from
      'start/likeness': { shape: [1], role: 'scale', fanIn: 1, init: constantInit(0.5) },
      ...scopeRecord(columns.specs, 'hyper'),
    },
    hypernetworks: { 'head column': columns.hypernetwork },
    embed,
    generate(meta, { classes: shown, absence: missing }) {
      const generated = columns.generate(unscopeRecord(meta, 'hyper'), shown!);
      const likeness = tf.div(tf.transpose(shown!, [0, 2, 1]), Math.sqrt(featureSize)); // at most √featureSize, where a cell is alike
      return {
        [kernel]: tf.add(generated['kernel']!, tf.mul(likeness, meta['start/likeness']!)),
        [bias]: tf.add(tf.add(generated['bias']!, meta['start/bias']!), missing!),
      };
    },
    adapt,
    embeddingSteps,
  });
}
