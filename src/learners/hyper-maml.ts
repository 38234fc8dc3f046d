import * as tf from '@tensorflow/tfjs';
import { expectOneOf, expectPositive } from '../core/errors';
import type { Learner, TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord, type Params } from '../core/params';
import { classMeans, type ClassMeans } from '../embeddings/class-means';
import { generator, type GeneratorOptions } from '../hypernets/generator';
import { taskMatMul } from '../ops/task-mat-mul';
import { absence, baseSpecs, baseWeights, defaultHead, expectHead, headParams, supportFeatures, tileHead, waysOf, type HeadStart } from './base-params';

export interface HyperMamlOptions extends GeneratorOptions {
  /** `'columns'` tells the classes apart before the update, at a fixed number of ways. @default 'any-ways' */
  readonly head?: HeadStart;
  /** Size of the generated update at the start, beside that of a new head. @default 0.1 */
  readonly initialScale?: number;
  /** Whether gradient steps follow the generated update. @default 'nothing' */
  readonly adapt?: 'nothing' | 'head';
}

/**
 * MAML with one generated update of the head in place of gradient steps: θ' = θ + H(support). The body and the
 * universal head θ are shared; the hypernetwork H says what to add to a class's column. It runs once for each class, so
 * no size depends on the number of ways, on three things joined:
 *
 * - the mean feature of the class's examples,
 * - the mean probability that θ gives to them as what they are,
 * - the mean feature of all examples, each weighted by the probability that θ gives to this class.
 *
 * The gradient of θ follows from the difference of the two features. With a head of any ways θ takes every class for as
 * likely, and the last is the mean of the support set. Tasks have classes.
 *
 * Source: Przewięźlikowski et al., "HyperMAML: Few-Shot Adaptation of Deep Models with Hypernetworks", 2022
 * (arXiv 2205.15745), section 3: features, predictions and labels, averaged over each class. The authors' code
 * lets no gradient through the predictions; here it flows.
 *
 * @throws RangeError if the base network has no linear last layer or fewer than 2 outputs
 */
export function hyperMaml(base: Network, options: HyperMamlOptions = {}): Learner {
  const { head: headStart = defaultHead(base), initialScale = 0.1, adapt = 'nothing' } = options;
  const head = expectHead('hyperMaml', base);
  if (base.outputShape.at(-1)! < 2)
    throw new RangeError(`hyperMaml: base: expected an output for each class, at least 2, got ${base.outputShape.at(-1)}.`);
  expectPositive('hyperMaml: initialScale', initialScale);
  expectOneOf('hyperMaml: adapt', adapt, ['nothing', 'head']);
  const features = base.specs[head.kernel]!.shape[0]!; // a head's kernel has a spec
  const updates = generator(
    2 * features + 1,
    {
      kernel: { shape: [features], mean: 0, deviation: initialScale * Math.sqrt(2 / features) },
      bias: { shape: [], mean: 0, deviation: initialScale },
    },
    options,
  );

  /** `[T, ways, 2 · features + 1]`, and how many examples each class has. */
  function seeClasses(meta: Params, task: TaskInputs, universal: Params): ClassMeans {
    const { y, weight } = task.support;
    const seen = supportFeatures(base, meta, task);
    const logits = tf.add(taskMatMul(seen, universal[head.kernel]!), tf.expandDims(universal[head.bias]!, 1));
    const probabilities = tf.softmax(logits);
    const ofOwnClass = tf.sum(tf.mul(probabilities, y), 2, true);
    const own = classMeans(tf.concat([seen, ofOwnClass], 2), { y, weight });
    const taken = classMeans(seen, { y: probabilities, weight });
    return { means: tf.concat([own.means, taken.means], 2), counts: own.counts };
  }

  return {
    name: 'HyperMAML',
    base,
    specs: { ...baseSpecs(base, headStart), ...scopeRecord(updates.specs, 'hyper') },
    ...(headStart === 'any-ways' ? { ways: 'any' } : {}),
    start(meta, task) {
      const universal = tileHead(base, headParams(base, meta), waysOf(task));
      const { means, counts } = seeClasses(meta, task, universal);
      const update = updates.apply(unscopeRecord(meta, 'hyper'), means);
      return {
        [head.kernel]: tf.add(universal[head.kernel]!, tf.transpose(update['kernel']!, [0, 2, 1])),
        [head.bias]: tf.add(tf.add(universal[head.bias]!, update['bias']!), absence(counts)),
      };
    },
    weights: baseWeights,
    ...(adapt === 'nothing' ? { adapts: () => [] } : {}),
  };
}
