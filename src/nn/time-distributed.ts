import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '../core/errors';
import type { Pass } from '../core/network';
import { formatShape } from '../core/shape';
import type { Layer } from './layer';

/** The same layer at every step of a sequence: `[T, n, L, ...]` → `[T, n, L, ...]`. Batch statistics are those of all steps. */
export function timeDistributed(layer: Layer): Layer {
  return {
    name: layer.name,
    build(inputShape) {
      const [steps, ...each] = inputShape;
      if (steps === undefined || each.length === 0)
        throw new ShapeError(`timeDistributed: expected sequences of shape [steps, ...], got ${formatShape(inputShape)}.`);
      const { specs, outputShape, apply, observe } = layer.build(each);
      const apart = (x: tf.Tensor) => tf.reshape(x, [x.shape[0], x.shape[1]! * steps, ...each]);
      const repeated = (pass: Pass | undefined) =>
        pass?.weight ? { ...pass, weight: tf.reshape(tf.tile(tf.expandDims(pass.weight, 2), [1, 1, steps]), [pass.weight.shape[0], -1]) } : pass;
      return {
        specs,
        inputShape,
        outputShape: [steps, ...outputShape],
        apply: (params, x, pass) =>
          tf.tidy(() => {
            const value = apply(params, apart(x), repeated(pass));
            return tf.reshape(value, [value.shape[0], x.shape[1]!, steps, ...value.shape.slice(2)]);
          }),
        ...(observe ? { observe: (params, x, pass) => tf.tidy(() => observe(params, apart(x), repeated(pass)) as tf.NamedTensorMap) } : {}),
      };
    },
  };
}
