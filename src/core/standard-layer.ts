import { hostFloats, type HostFloats } from './host-tensor';

/** One layer of TensorFlow.js's own layers API (`tf.layers`), as its files hold it. */
export interface StandardLayer {
  /** `Dense`, `Conv2D`, `BatchNormalization` … */
  readonly className: string;
  /** Its settings in the spelling of the files: `kernel_size`, not `kernelSize`. @default those of tf.layers */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Its weights by their names there (`kernel`, `gamma`), without a task axis. @default none */
  readonly weights?: Readonly<Record<string, HostFloats>>;
  /** Which layers before it, by their places in the list, it takes; −1 is the input. @default the one before it */
  readonly from?: readonly number[];
}

/** Layers in an order in which each comes after those that it takes; the last one puts out. Or why there are none, as 'sine1 has no counterpart in tf.layers'. */
export type StandardLayers = readonly StandardLayer[] | string;

/** Weights `[1, ...shape]` of one task without the task axis; entries that are not there are left out. */
export function withoutTaskAxis(weights: Readonly<Record<string, HostFloats | undefined>>): Readonly<Record<string, HostFloats>> {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, weight]) => (weight ? [[name, hostFloats(weight.values, weight.shape.slice(1))]] : [])),
  );
}
