import * as tf from '@tensorflow/tfjs';
import type { Learner } from '../core/learner';
import { mapParams, type Params } from '../core/params';
import type { EpisodeBatch, Examples } from '../core/task';
import { valueAndPartials } from '../ops/gradients';
import { stopGradient } from '../ops/stop-gradient';
import { expectAdapted, expectReached } from './expect-reached';
import { innerLoop, queryLoss } from './inner-loop';
import type { MetaGradient } from './meta-gradient';

/**
 * Reptile: the start moves towards where the tasks' inner loops end. The meta-gradient is the mean over tasks of
 * φ − φ̃, start minus adapted; no derivative of the inner loop is taken. With `outerOptimizer: sgd()` the outer learning rate
 * is Reptile's step size ε, in (0, 1].
 *
 * Where a start is made of meta-parameters rather than a copy of them (generated weights, an encoder), they follow the
 * gradient of ½‖φ − φ̃‖², φ̃ held constant, which for copies is φ − φ̃ (section 5.2). A head of any ways moves by the mean
 * over its columns.
 *
 * While training, tasks are adapted on their support and query examples together, all of them at each step, where the
 * paper draws minibatches: take several `innerSteps` (with one, the gradient is that of joint training). `queryLoss` is then
 * the loss of examples that were adapted on, and lower than on new ones: see validation for those. Adaptation and evaluation look at the support set
 * alone, as ever.
 *
 * Source: Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", 2018 (arXiv 1803.02999), algorithm 2.
 *
 * @throws RangeError, on the first step, for a learner with meta-parameters that have no part in the start of its state
 */
export function difference(): MetaGradient {
  return (learner, meta, batch, noise, inner) => {
    const { value, gradients } = valueAndPartials((params) => {
      const task = { ...batch, support: together(batch), noise };
      const path = innerLoop(learner, params, task, { ...inner, order: 'first' });
      const [{ start }, last] = [path[0]!, path.at(-1)!];
      expectAdapted('difference', learner, start, inner);
      const distance = halfSquaredDistance(learner, start, mapParams(last.state, (adapted) => stopGradient(adapted)));
      const loss = stopGradient(queryLoss(learner, params, last, batch.query, inner.loss));
      return tf.stack([tf.mean(distance), tf.mean(loss)]);
    }, meta);
    const such = 'a learner whose meta-parameters all have a part in the start of its state, such as maml(base)';
    return { loss: tf.reshape(tf.slice(value, [1], [1]), []), gradients: expectReached('difference', learner, gradients, such) };
  };
}

/** Support and query examples as one set. */
function together({ support, query }: EpisodeBatch): Examples {
  const joined = (name: keyof Examples) => tf.concat([support[name], query[name]], 1);
  return { x: joined('x'), y: joined('y'), weight: joined('weight') };
}

/** ½‖start − adapted‖² of each task, `[T]`, as a mean over the columns of a head of any ways. */
function halfSquaredDistance({ ways, base: { head } }: Learner, start: Params, adapted: Params): tf.Tensor {
  const isHead = (name: string) => head && [head.kernel, head.bias].some((own) => name === own || name.endsWith(`/${own}`));
  return tf.addN(
    Object.entries(start).map(([name, value]) => {
      const squares = tf.reshape(tf.square(tf.sub(value, adapted[name]!)), [value.shape[0], -1]);
      return tf.mul(tf.sum(squares, 1), 0.5 / (ways === 'any' && isHead(name) ? value.shape.at(-1)! : 1));
    }),
  );
}
