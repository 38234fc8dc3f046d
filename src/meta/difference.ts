import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import type { At, Learner } from '../core/learner';
import { mapParams, type Params } from '../core/params';
import type { EpisodeBatch, Examples } from '../core/task';
import { valueAndPartials } from '../ops/gradients';
import { stopGradient } from '../ops/stop-gradient';
import { expectAdapted, expectReached } from './expect-reached';
import { innerStep, queryLoss, startInner, type Inner, type InnerOptions } from './inner-loop';
import type { MetaGradient } from './meta-gradient';

export interface DifferenceOptions {
  /** Parts that a task's examples are dealt into; each inner step looks at one, in turn. @default 1: all at each step */
  readonly minibatches?: number;
}

/**
 * Reptile: the start moves towards where the tasks' inner loops end. The meta-gradient is the mean over tasks of
 * φ − φ̃, start minus adapted; no derivative of the inner loop is taken. With `outerOptimizer: sgd()` the outer learning
 * rate is Reptile's step size ε, in (0, 1]. Take several `innerSteps`: with one this is joint training.
 *
 * Where a start is made of meta-parameters rather than a copy of them (generated weights, an encoder), they follow the
 * gradient of ½‖φ − φ̃‖², φ̃ held constant, which for copies is φ − φ̃ (section 5.2). A head of any ways moves by the mean
 * over its columns.
 *
 * While training, tasks are adapted on their support and query examples together, so `queryLoss` is that of examples that
 * were adapted on, lower than on new ones: see validation for those. Adaptation and evaluation look at the support set alone,
 * as ever.
 *
 * Source: Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", 2018 (arXiv 1803.02999), algorithm 2.
 *
 * @throws RangeError unless minibatches is a count; on the first step, for more of them than examples, and for a learner
 * with meta-parameters that have no part in the start of its state
 */
export function difference({ minibatches = 1 }: DifferenceOptions = {}): MetaGradient {
  expectCount('difference: minibatches', minibatches);
  const metaGradient: MetaGradient = (learner, meta, batch, noise, inner) => {
    const { value, gradients } = valueAndPartials((params) => {
      const task = { ...batch, support: together(batch), noise };
      const first = startInner(learner, params, task, inner);
      expectAdapted('difference', learner, first.start, inner);
      const { start, state } = descend(learner, params, first, { ...inner, order: 'first' }, masksOf(batch, minibatches));
      const adapted = mapParams(state, (value) => stopGradient(value));
      const end: At = { task, start, state: adapted, step: inner.steps };
      const loss = stopGradient(queryLoss(learner, params, end, batch.query, inner.loss));
      return tf.stack([tf.mean(halfSquaredDistance(learner, start, adapted)), tf.mean(loss)]);
    }, meta);
    const such = 'a learner whose meta-parameters all have a part in the start of its state, such as maml(base)';
    return { loss: tf.reshape(tf.slice(value, [1], [1]), []), gradients: expectReached('difference', learner, gradients, such) };
  };
  return Object.assign(metaGradient, { settings: { name: 'difference', minibatches } });
}

/** Support and query examples as one set. */
function together({ support, query }: EpisodeBatch): Examples {
  const joined = (name: keyof Examples) => tf.concat([support[name], query[name]], 1);
  return { x: joined('x'), y: joined('y'), weight: joined('weight') };
}

/** The end of an inner loop whose steps look at the examples under one mask after the other. */
function descend(learner: Learner, meta: Params, first: Inner, options: InnerOptions, masks: readonly tf.Tensor[]): Inner {
  const { task } = first;
  let at = first;
  for (let step = 0; step < options.steps; step++) {
    const mask = masks[step % masks.length];
    const support = mask ? { ...task.support, weight: tf.mul(task.support.weight, mask) } : task.support;
    at = innerStep(learner, meta, { ...at, task: { ...task, support } }, options);
  }
  return at;
}

/**
 * A mask `[1, n]` for each minibatch; none where there is but one. Support examples are dealt from the first minibatch on, query
 * examples from the last one back: each set on its own, so that padding at its end changes nothing.
 */
function masksOf({ support, query }: EpisodeBatch, minibatches: number): readonly tf.Tensor[] {
  if (minibatches === 1) return [];
  const [supportCount, queryCount] = [support.x.shape[1]!, query.x.shape[1]!];
  if (minibatches > supportCount + queryCount)
    throw new RangeError(`difference: minibatches: expected at most ${supportCount + queryCount}, one for each example of a task, got ${minibatches}.`);
  const dealt = (count: number) => Array.from({ length: count }, (_, index) => index % minibatches);
  const places = [...dealt(supportCount), ...dealt(queryCount).map((place) => minibatches - 1 - place)];
  return Array.from({ length: minibatches }, (_, index) => tf.tensor([places.map((place) => Number(place === index))]));
}

/** ½‖start − adapted‖² of each task, `[T]`, as a mean over the columns of a head of any ways. */
function halfSquaredDistance({ ways, base: { head } }: Learner, start: Params, adapted: Params): tf.Tensor {
  const isHead = (name: string) => head && [head.kernel, head.bias].some((own) => [own, `weights/${own}`, `delta/${own}`].includes(name)); // in the state of a generated learner too
  return tf.addN(
    Object.entries(start).map(([name, value]) => {
      const squares = tf.reshape(tf.square(tf.sub(value, adapted[name]!)), [value.shape[0], -1]);
      return tf.mul(tf.sum(squares, 1), 0.5 / (ways === 'any' && isHead(name) ? value.shape.at(-1)! : 1));
    }),
  );
}
