import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, tileParams, type ParamSpec } from '../core/params';
import { baseParams, baseSpecs, baseWeights, defaultHead, tasksOf, tileHead, waysOf, type HeadStart } from './base-params';

export interface MamlOptions {
  /** How the last layer is held. @default 'any-ways' where the network ends in several outputs and the steps change them */
  readonly head?: HeadStart;
  /**
   * Which base weights the steps change; the others are shared by all tasks and run as one ordinary network. None at all, with
   * `innerSteps: 0`, is ordinary training. @default all
   */
  readonly adapts?: (name: string, spec: ParamSpec) => boolean;
}

/**
 * A learned start of all base weights, adapted by gradient steps. With `order: 'first'` in the inner loop this is
 * first-order MAML.
 *
 * Source: Finn, Abbeel, Levine, "Model-Agnostic Meta-Learning", 2017 (arXiv 1703.03400), equation 1. The shared head
 * column is that of Ye and Chao, "How to Train Your MAML to Excel in Few-Shot Classification", 2022
 * (arXiv 2106.16245), section 5.
 *
 * @throws RangeError for a head of any number of ways that no step changes, whose classes would all be one
 */
export function maml(base: Network, { head: asked, adapts = () => true }: MamlOptions = {}): Learner {
  const isAdapted = (name: string) => adapts(name, base.specs[name]!); // a parameter of the base network
  const changesHead = base.head !== undefined && isAdapted(base.head.kernel); // a bias alone does not tell classes of one column apart
  if (asked === 'any-ways' && !changesHead) throw new RangeError("maml: head: expected 'columns' where no step changes the last layer, got 'any-ways'.");
  const head = asked ?? (changesHead ? defaultHead(base) : 'columns');
  return {
    name: 'MAML',
    base,
    specs: baseSpecs(base, head),
    ...(head === 'any-ways' ? { ways: 'any' } : {}),
    start: (meta, task) => tileParams(filterRecord(tileHead(base, baseParams(base, meta), waysOf(task)), isAdapted), tasksOf(task)),
    weights: baseWeights,
  };
}
