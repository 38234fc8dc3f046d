import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { layerNoise } from '../core/layer-noise';
import type { Learner, TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, scopeRecord, unscopeRecord, type Params } from '../core/params';
import { classMeans } from '../embeddings/class-means';
import type { ClassEmbeddingStart, EmbeddingStart } from '../embeddings/embedding';
import { perClass } from '../hypernets/per-class';
import { attentionBlock, type AttentionBlockOptions } from '../nn/attention-block';
import { absence, baseWeights, expectHead, headNames, shownClasses } from './base-params';
import { generatedLearner, type Adapt } from './generated-learner';

export interface HyperClassifierOptions {
  /** Generates one head column from a class embedding; its embedding size is that of a class embedding. */
  readonly head: HypernetworkFamily;
  /** Makes the class embeddings. @default the mean feature of the class's examples, in front of the head */
  readonly classes?: ClassEmbeddingStart;
  /**
   * What the generated column is added to: the prototype head, kernel 2c and bias −‖c‖² of the class embedding c
   * (Snell et al. 2017), or nothing. @default 'prototypes' where class embeddings are features, 'nothing' elsewhere
   */
  readonly around?: 'prototypes' | 'nothing';
  /**
   * Lets class embeddings attend to each other first, so that a class's column depends on what it is to be told from; what it is
   * added to does not. @default each column of its own class alone
   */
  readonly attention?: AttentionBlockOptions;
  /** Generates the body from a task embedding. @default a body shared by all tasks */
  readonly body?: { readonly family: HypernetworkFamily; readonly start: EmbeddingStart };
  /** What the inner steps change; with `'embedding'` also a bias of each class. @default 'embedding' */
  readonly adapt?: Adapt;
  /** With `adapt: 'both'`: steps on the embeddings before the weights take over. @default 1 */
  readonly embeddingSteps?: number;
}

/**
 * Classes of any number, for N-way tasks: a class embedding is the mean feature of the class's support examples; a
 * hypernetwork generates each class's head column from it; a second one may generate the body from a task embedding.
 * The inner steps refine the embeddings, the generated weights, or the hypernetworks.
 *
 * Source: heads generated from support features: Qiao et al., "Few-Shot Image Recognition by Predicting Parameters
 * from Activations", 2018 (arXiv 1706.03466); Requeima et al., "CNAPs", 2019 (arXiv 1906.07697), section 2; attention among
 * the classes: Ye et al., "Few-Shot Learning via Embedding Adaptation with Set-to-Set Functions", 2020 (arXiv 1812.03664).
 *
 * @example
 * // CNAPs, without its auto-regressive part and with the body learned along: an encoding of the support set modulates every
 * // layer of the body; of the mean feature that it then makes of a class, the class's column is generated; no steps.
 * hyperClassifier(conv4({ inputShape: [28, 28, 1], ways: 5 }), {
 *   head: fullHypernetwork({ embeddingSize: 64 }), // as many as features in front of the head
 *   around: 'nothing',
 *   body: { family: modulationHypernetwork({ embeddingSize: 32 }), start: classEncoder({ size: 32, inputShape: [28, 28, 1] }) },
 *   adapt: 'nothing',
 * });
 *
 * @throws RangeError if the base network has no linear last layer, or embedding sizes do not fit
 */
export function hyperClassifier(base: Network, options: HyperClassifierOptions): Learner {
  const { classes: encoder, adapt = 'embedding', embeddingSteps = 1 } = options;
  const { around = encoder ? 'nothing' : 'prototypes' } = options;
  expectOneOf('hyperClassifier: around', around, ['prototypes', 'nothing']);
  const head = expectHead('hyperClassifier', base);
  const features = base.specs[head.kernel]!.shape[0]!; // a head's kernel has a spec
  expectSizes(options, around, features);
  const columns = perClass(options.head, { features });
  const related = options.attention && attentionBlock(options.head.embeddingSize, options.attention);
  const bodySpecs = filterRecord(base.specs, (name) => !headNames(base).includes(name));
  const generatedBody = filterRecord(bodySpecs, (_name, spec) => options.body !== undefined && spec.role !== 'statistic');
  const bodyNetwork = options.body?.family.build(generatedBody);

  const body = (meta: Params, embedding: tf.Tensor | undefined): Params => ({
    ...(bodyNetwork && embedding ? bodyNetwork.generate(unscopeRecord(meta, 'hyper/body'), embedding) : {}),
  });

  function embed(meta: Params, task: TaskInputs): Params {
    const { support } = task;
    const embedding = options.body?.start.start(unscopeRecord(meta, 'start'), task);
    const weights = baseWeights(meta, body(meta, embedding));
    const shown = encoder ? support.y : head.features(weights, support.x, { weight: support.weight, ...layerNoise(task) });
    const { means, counts } = classMeans(shown, support);
    const classes = encoder?.startClasses(unscopeRecord(meta, 'classes'), task) ?? means;
    return { classes, absence: absence(counts), ...(embedding ? { embedding } : {}) };
  }

  /** Class embeddings that know of each other; classes that the support set does not show are not looked at. */
  function relate(meta: Params, classes: tf.Tensor, missing: tf.Tensor): tf.Tensor {
    if (!related) return classes;
    return related.apply(unscopeRecord(meta, 'hyper/attention'), classes, classes, shownClasses(missing));
  }

  function generateHead(meta: Params, classes: tf.Tensor, missing: tf.Tensor): Params {
    const generated = columns.generate(unscopeRecord(meta, 'hyper/head'), relate(meta, classes, missing));
    const bias = tf.add(generated['bias']!, missing);
    if (around === 'nothing') return { [head.kernel]: generated['kernel']!, [head.bias]: bias };
    return {
      [head.kernel]: tf.add(generated['kernel']!, tf.mul(tf.transpose(classes, [0, 2, 1]), 2)),
      [head.bias]: tf.sub(bias, tf.sum(tf.square(classes), 2)),
    };
  }

  const penalty = options.body?.start.penalty;
  return generatedLearner({
    name: 'hypernetwork classifier',
    base,
    ways: 'any',
    specs: {
      ...scopeRecord(filterRecord(bodySpecs, (name) => !(name in generatedBody)), 'base'),
      ...scopeRecord(columns.specs, 'hyper/head'),
      ...(related ? scopeRecord(related.specs, 'hyper/attention') : {}),
      ...(bodyNetwork ? scopeRecord(bodyNetwork.specs, 'hyper/body') : {}),
      ...(options.body ? scopeRecord(options.body.start.specs, 'start') : {}),
      ...(encoder ? scopeRecord(encoder.specs, 'classes') : {}),
    },
    hypernetworks: { 'head column': columns.hypernetwork, ...(bodyNetwork ? { body: bodyNetwork } : {}) },
    embed,
    ...(penalty ? { penalty: (meta, task) => penalty(unscopeRecord(meta, 'start'), task) } : {}),
    generate: (meta, { embedding, classes, absence: missing }) => ({
      ...body(meta, embedding),
      ...generateHead(meta, classes!, missing!),
    }),
    adapt,
    embeddingSteps,
  });
}

/** @throws RangeError where an embedding has another size than what generates from it */
function expectSizes({ head, classes, body }: HyperClassifierOptions, around: string, features: number): void {
  const size = classes?.classSize ?? features;
  if (head.embeddingSize !== size)
    throw new RangeError(`hyperClassifier: head: expected class embeddings of ${size} values, got a family for ${head.embeddingSize}.`);
  if (around === 'prototypes' && size !== features)
    throw new RangeError(`hyperClassifier: around: expected class embeddings of ${features} values, as many as features, for prototypes, got ${size}.`);
  if (body && body.family.embeddingSize !== body.start.size)
    throw new RangeError(`hyperClassifier: body: expected an embedding of ${body.family.embeddingSize} values, got ${body.start.size}.`);
}
