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
    apply: (params, x, pass) => base.apply(params, joined(params, x), pass),
    ...(observe ? { observe: (params, x, pass) => observe(params, joined(params, x), pass) } : {}),
    ...(head ? { head: { ...head, features: (params, x, pass) => head.features(params, joined(params, x), pass) } } : {}),
  };
}

/** x `[T, n, ..., F]` and context `[T, C]` → `[T, n, ..., F + C]`. */
function joinContext(x: tf.Tensor, context: tf.Tensor): tf.Tensor {
  const inner = x.shape.slice(1, -1);
  const [tasks, size] = context.shape as [number, number];
  const spread = tf.tile(tf.reshape(context, [tasks, ...inner.map(() => 1), size]), [1, ...inner, 1]);
  return tf.concat([x, spread], -1);
}
