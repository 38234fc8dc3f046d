import * as tf from '@tensorflow/tfjs';
import { expectCount, ShapeError } from '../core/errors';
import { formatShape, sizeOf, type Shape } from '../core/shape';
import type { Layer } from './layer';

/** The same values in another shape, row-major: `[T, n, ...]` → `[T, n, ...shape]`. One size may be −1: what is left. */
export function reshape(shape: Shape): Layer {
  return {
    name: 'reshape',
    build(inputShape) {
      const open = shape.indexOf(-1);
      const rest = sizeOf(shape.filter((_, axis) => axis !== open));
      const outputShape = shape.map((size, axis) => (axis === open ? sizeOf(inputShape) / rest : size));
      if (sizeOf(outputShape) !== sizeOf(inputShape) || outputShape.some((size) => !Number.isInteger(size) || size < 1))
        throw new ShapeError(`reshape: expected inputs of ${rest} values${open < 0 ? '' : ', or a multiple'}, got ${formatShape(inputShape)}.`);
      return {
        specs: {},
        inputShape,
        outputShape,
        apply: (_params, x) => tf.reshape(x, [x.shape[0], x.shape[1]!, ...outputShape]),
        standardLayers: () => [{ className: 'Reshape', config: { target_shape: outputShape } }],
      };
    },
  };
}

/** Axes in another order, each named by where it was: `permute([1, 0])` turns matrices. */
export function permute(axes: readonly number[]): Layer {
  return {
    name: 'permute',
    build(inputShape) {
      if (axes.length !== inputShape.length || inputShape.some((_, axis) => !axes.includes(axis)))
        throw new ShapeError(`permute: expected each axis of inputs ${formatShape(inputShape)} once, got ${axes.join(', ')}.`);
      return {
        specs: {},
        inputShape,
        outputShape: axes.map((axis) => inputShape[axis]!),
        apply: (_params, x) => tf.transpose(x, [0, 1, ...axes.map((axis) => axis + 2)]),
        standardLayers: () => [{ className: 'Permute', config: { dims: axes.map((axis) => axis + 1) } }],
      };
    },
  };
}

/** The same value at each of `steps` steps: `[T, n, ...]` → `[T, n, steps, ...]`. */
export function repeat(steps: number): Layer {
  expectCount('repeat: steps', steps);
  return {
    name: 'repeat',
    build: (inputShape) => ({
      specs: {},
      inputShape,
      outputShape: [steps, ...inputShape],
      apply: (_params, x) => tf.tidy(() => tf.tile(tf.expandDims(x, 2), [1, 1, steps, ...inputShape.map(() => 1)])),
      standardLayers: () => (inputShape.length === 1 ? [{ className: 'RepeatVector', config: { n: steps } }] : 'tf.layers repeats vectors alone'),
    }),
  };
}
