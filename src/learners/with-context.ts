import * as tf from '@tensorflow/tfjs';
import type { Network } from '../core/network';
import type { Params } from '../core/params';
import { formatShape } from '../core/shape';

/**
 * The base network with a context as one more parameter, `embedding` `[T, contextSize]`, in place of an input: its last
 * input axis holds the task's own values and then the context. Images get the context as extra channels. `specs` stay
 * those of the base network.
 *
 * @throws RangeError if the base network has no room for the context
 */
export function withContext(where: string, base: Network, contextSize: number): Network {
  const { observe, head } = base;
  const inputs = base.inputShape.at(-1) ?? 0;
  if (inputs <= contextSize)
    throw new RangeError(
      `${where}: base: expected more than ${contextSize} values on the last input axis (the task's own, then the context), got shape ${formatShape(base.inputShape)}.`,
    );
  const joined = (params: Params, x: tf.Tensor) => joinContext(x, params['embedding']!);
  return {
    specs: base.specs,
    inputShape: [...base.inputShape.slice(0, -1), inputs - contextSize],
    outputShape: base.outputShape,
    apply: (params, x, pass) => tf.tidy(() => base.apply(params, joined(params, x), pass)),
    ...(observe ? { observe: (params, x, pass) => tf.tidy(() => observe(params, joined(params, x), pass) as tf.NamedTensorMap) as Params } : {}),
    ...(head ? { head: { ...head, features: (params, x, pass) => tf.tidy(() => head.features(params, joined(params, x), pass)) } } : {}),
  };
}

/** x `[T|1, n, ..., F]` and context `[T|1, C]` → `[T, n, ..., F + C]`. */
function joinContext(x: tf.Tensor, context: tf.Tensor): tf.Tensor {
  const inner = x.shape.slice(1, -1);
  const [tasks, size] = context.shape as [number, number];
  const spread = tf.tile(tf.reshape(context, [tasks, ...inner.map(() => 1), size]), [1, ...inner, 1]);
  return tf.concat([tileTasks(x, tasks), tileTasks(spread, x.shape[0])], -1);
}

/** One task's values for each of so many. */
function tileTasks(x: tf.Tensor, tasks: number): tf.Tensor {
  return x.shape[0] === tasks || tasks === 1 ? x : tf.tile(x, [tasks, ...x.shape.slice(1).map(() => 1)]);
}
