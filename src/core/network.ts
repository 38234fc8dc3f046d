import type * as tf from '@tensorflow/tfjs';
import type { HostParams } from './host-tensor';
import type { Noise } from './noise';
import type { Params, ParamSpecs } from './params';
import type { Shape } from './shape';
import type { StandardLayers } from './standard-layer';

/** What one call of a network may depend on beside its weights and input. */
export interface Pass {
  /** `[T, n]`, 0 on padding: batch statistics leave those examples out. @default all 1 */
  readonly weight?: tf.Tensor;
  readonly noise?: Noise;
}

/** What a recurrent network remembers of a sequence that it reads piece by piece: a value, as weights are. */
export interface Memory {
  /** Shapes of its entries, which are `[T|1, n, ...shape]`, zero before the first piece: see `startMemory`. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /**
   * `apply` on the piece that follows: its output, and what is remembered after it. Differentiable with respect to `before` too. The
   * caller disposes both.
   *
   * @throws RangeError if a layer of the network reads backward
   */
  proceed(params: Params, x: tf.Tensor, before: Params, pass?: Pass): { readonly output: tf.Tensor; readonly after: Params };
}

/** The last linear layer of a network. */
export interface Head {
  /** Name of its kernel, `[features, outputs]`. */
  readonly kernel: string;
  /** Name of its bias, `[outputs]`. */
  readonly bias: string;
  /** What feeds it: `[T, n, features]`. */
  features(params: Params, x: tf.Tensor, pass?: Pass): tf.Tensor;
}

/**
 * A network is data plus pure functions; it never holds tensors.
 *
 * Params are `[T, ...shape]`, or `[1, ...shape]` where all tasks share them; x is `[T, n, ...inputShape]`; the
 * result is `[T, n, ...outputShape]`. The sizes of a head's outputs come from its kernel, so that one network serves
 * episodes of any number of ways.
 */
export interface Network {
  readonly specs: ParamSpecs;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Inputs `[T|1, n, ...inputShape]` → outputs `[T, n, ...outputShape]`; T is that of the parameters or of x. Pure; the caller disposes. */
  apply(params: Params, x: tf.Tensor, pass?: Pass): tf.Tensor;
  /**
   * `params` with those of batch norm's statistics that it lacks measured on x, so that a later `apply` uses them; `apply` measures
   * statistics that are not in `params` on the batch at hand. Pure and differentiable; absent when there are none.
   */
  observe?(params: Params, x: tf.Tensor, pass?: Pass): Params;
  /** Absent when the last layer is not linear. */
  readonly head?: Head;
  /** Absent where there is none: no layer is recurrent. */
  readonly memory?: Memory;
  /**
   * The network with the weights of one task, `[1, ...shape]`, as layers of tf.layers that compute the same, for export; or why
   * these weights have none. Absent where it has no counterpart there.
   */
  standardLayers?(weights: HostParams): StandardLayers;
}
