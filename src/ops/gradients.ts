import * as tf from '@tensorflow/tfjs';
import { mapParams, mapRecord, type Params } from '../core/params';

/**
 * The value of a function of params and its gradient with respect to every entry; that of the sum, where the value has
 * several numbers. Differentiable itself, so that an inner gradient can stand inside an outer one. An entry that the value does not
 * depend on has gradient zero (tfjs's own `tf.grads` throws there). The caller disposes both.
 */
export function valueAndGradients<Value extends tf.Tensor>(
  value: (params: Params) => Value,
  params: Params,
): { readonly value: Value; readonly gradients: Params } {
  const { value: found, gradients } = valueAndPartials(value, params);
  return { value: found, gradients: mapRecord(gradients, (gradient, name) => gradient ?? tf.zerosLike(params[name]!)) };
}

/**
 * As `valueAndGradients`, with nothing in place of zeros where the value has no path to an entry, whatever the numbers.
 *
 * The function sees copies of the entries. Inside an outer gradient tfjs would follow every path from an entry to the value that was
 * ever recorded, also one through a step before this function: through an embedding that moved by a gradient at the same entry, say.
 */
export function valueAndPartials<Value extends tf.Tensor>(
  value: (params: Params) => Value,
  params: Params,
): { readonly value: Value; readonly gradients: Readonly<Record<string, tf.Tensor | undefined>> } {
  const names = Object.keys(params);
  const allowUnconnected = true;
  // In a tidy, because tfjs forgets the value of a gradient that throws.
  const differentiate = () =>
    tf.tidy(() => {
      const own = mapParams(params, (param) => tf.clone(param));
      return tf.engine().gradients(() => value(own), names.map((name) => own[name]!), undefined, allowUnconnected);
    });
  const result = cleanly(differentiate) as { value: Value; grads: (tf.Tensor | null)[] };
  return { value: result.value, gradients: Object.fromEntries(names.map((name, index) => [name, result.grads[index] ?? undefined])) };
}

/** tfjs forgets, too, what it saved for a gradient that throws: dispose that, once no outer gradient needs it. */
function cleanly<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { state } = tf.engine();
    if (state.gradientDepth === 0 && state.activeTape) {
      for (const { saved } of state.activeTape) saved?.forEach((tensor) => tensor.dispose());
      state.activeTape = null as unknown as typeof state.activeTape; // as tfjs itself leaves it
    }
    throw error;
  }
}
