import * as tf from '@tensorflow/tfjs';
import { expectGenerated, type HypernetworkFamily } from '../core/hypernetwork';
import { layerNoise } from '../core/layer-noise';
import type { Learner, TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, scopeRecord, tileParams, unscopeRecord, type Params, type ParamSpec, type ParamSpecs } from '../core/params';
import type { EmbeddingStart } from '../embeddings/embedding';
import { learnedEmbedding } from '../embeddings/learned-embedding';
import { tasksOf } from './base-params';
import { generatedLearner, type Adapt } from './generated-learner';

export interface HyperLearnerOptions {
  /** Where a task's embedding is before step 0. @default one learned embedding for all tasks */
  readonly start?: EmbeddingStart;
  /** What the inner steps change. @default 'embedding' */
  readonly adapt?: Adapt;
  /** With `adapt: 'both'`: steps on the embedding before the weights take over. @default 1 */
  readonly embeddingSteps?: number;
  /** Which base parameters are generated; the others are shared meta-parameters. @default all */
  readonly generates?: (name: string, spec: ParamSpec) => boolean;
  /**
   * With `adapt: 'embedding'`: the hypernetwork's own parameters that each task has as well, starting from the learned ones:
   * `['chunks']` gives every task chunk embeddings of its own. @default none
   */
  readonly ownParameters?: readonly string[];
}

/**
 * A base network whose weights a hypernetwork generates from a task embedding.
 *
 * Sources: Ha, Dai, Le, "HyperNetworks", 2016 (arXiv 1609.09106); adapting the embedding: von Oswald et al. 2020
 * (arXiv 1906.00695), Rusu et al., "LEO", 2019 (arXiv 1807.05960), section 2.2.
 *
 * @throws RangeError if the embedding's size is not the hypernetwork's, or nothing is generated
 */
export function hyperLearner(base: Network, family: HypernetworkFamily, options: HyperLearnerOptions = {}): Learner {
  const { start = learnedEmbedding({ size: family.embeddingSize }), adapt = 'embedding', embeddingSteps = 1 } = options;
  const { generates = () => true, ownParameters = [] } = options;
  if (start.size !== family.embeddingSize)
    throw new RangeError(`hyperLearner: start: expected an embedding of ${family.embeddingSize} values, got ${start.size}.`);
  const isGenerated = (name: string, spec: ParamSpec) => spec.role !== 'statistic' && generates(name, spec);
  const target = filterRecord(base.specs, isGenerated);
  if (Object.keys(target).length === 0)
    throw new RangeError(`hyperLearner: generates: expected at least one parameter of the base network, got none of ${Object.keys(base.specs).join(', ')}.`);
  const hypernetwork = family.build(target);
  expectOwnParameters(ownParameters, hypernetwork.specs, adapt);
  const generate = (meta: Params, embedding: tf.Tensor, own: Params = {}) =>
    expectGenerated('hyperLearner: family', hypernetwork.generate({ ...unscopeRecord(meta, 'hyper'), ...own }, embedding), target);
  const ownStart = (meta: Params, tasks: number) =>
    scopeRecord(tileParams(filterRecord(unscopeRecord(meta, 'hyper'), (name) => ownParameters.includes(name)), tasks), 'own');
  const predict = (meta: Params, task: TaskInputs) => {
    const weights = { ...unscopeRecord(meta, 'base'), ...generate(meta, tf.ones([1, start.size])) };
    const { x, weight } = task.support;
    return base.apply(weights, x, { weight, ...layerNoise(task) });
  };
  const { penalty } = start;
  return generatedLearner({
    name: 'hypernetwork',
    base,
    specs: {
      ...scopeRecord(filterRecord(base.specs, (name, spec) => !isGenerated(name, spec)), 'base'),
      ...scopeRecord(hypernetwork.specs, 'hyper'),
      ...scopeRecord(start.specs, 'start'),
    },
    hypernetworks: { weights: hypernetwork },
    embed: (meta, task) => ({
      embedding: start.start(unscopeRecord(meta, 'start'), task, () => predict(meta, task)),
      ...ownStart(meta, tasksOf(task)),
    }),
    ...(penalty ? { penalty: (meta, task) => penalty(unscopeRecord(meta, 'start'), task, () => predict(meta, task)) } : {}),
    generate: (meta, { embedding, ...state }) => generate(meta, embedding!, unscopeRecord(state, 'own')),
    adapt,
    embeddingSteps,
  });
}

/** @throws RangeError unless they are parameters of the hypernetwork, and the embedding is what is adapted */
function expectOwnParameters(names: readonly string[], specs: ParamSpecs, adapt: Adapt): void {
  const unknown = names.find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined)
    throw new RangeError(`hyperLearner: ownParameters: expected names out of ${Object.keys(specs).join(', ')}, got '${unknown}'.`);
  if (names.length > 0 && adapt !== 'embedding')
    throw new RangeError(`hyperLearner: ownParameters: expected none with adapt: '${adapt}', got ${names.join(', ')}; use adapt: 'embedding'.`);
}
