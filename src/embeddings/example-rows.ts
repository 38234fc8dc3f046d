import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import { layerNoise } from '../core/layer-noise';
import type { TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import { formatShape, sizeOf, type Shape } from '../core/shape';
import { trainedSpecs } from './trained-specs';

export interface ExampleRowsOptions {
  /** Shape of one x. */
  readonly inputShape: Shape;
  /** Shape of one y. */
  readonly targetShape: Shape;
  /** What an encoder sees of an example: x and y, or also what the base network predicts there before adaptation. @default 'xy' */
  readonly input?: 'xy' | 'xyPrediction';
  /** A network that x goes through first, such as the body of a convolutional one. @default x itself, flattened */
  readonly features?: Network;
}

/** The support examples as an encoder's input. */
export interface ExampleRows {
  /** Those of `features`, under `features/`. */
  readonly specs: ParamSpecs;
  /** Values of an example. */
  readonly size: number;
  /** `[T, n, size]`. @throws RangeError if a prediction is asked for where none can be made, or it is no target */
  read(params: Params, task: TaskInputs, prediction: (() => tf.Tensor) | undefined): tf.Tensor;
}

/** x, y, and what else is asked for, side by side. `where` names the encoder in errors. */
export function exampleRows(where: string, { inputShape, targetShape, input = 'xy', features }: ExampleRowsOptions): ExampleRows {
  expectOneOf(`${where}: input`, input, ['xy', 'xyPrediction']);
  const targets = sizeOf(targetShape) * (input === 'xyPrediction' ? 2 : 1);
  return {
    specs: features ? scopeRecord(trainedSpecs(features), 'features') : {},
    size: sizeOf(features ? features.outputShape : inputShape) + targets,
    read(params, task, prediction) {
      const { x, y, weight } = task.support;
      const seen = features ? features.apply(unscopeRecord(params, 'features'), x, { weight, ...layerNoise(task) }) : x;
      const parts = [flatten(seen), flatten(y)];
      if (input === 'xyPrediction') parts.push(flatten(predict(where, prediction, targetShape)));
      return tf.concat(parts, 2);
    },
  };
}

/** `[T, n, ...]` → `[T, n, size]`. */
function flatten(value: tf.Tensor): tf.Tensor {
  const [tasks, n, ...shape] = value.shape as [number, number, ...number[]];
  return tf.reshape(value, [tasks, n, sizeOf(shape)]);
}

function predict(where: string, prediction: (() => tf.Tensor) | undefined, targetShape: Shape): tf.Tensor {
  if (!prediction)
    throw new RangeError(`${where}: input: 'xyPrediction' needs the base network's prediction, got none; use input: 'xy'.`);
  const made = prediction();
  const [, , ...found] = made.shape;
  if (sizeOf(found) !== sizeOf(targetShape))
    throw new RangeError(`${where}: input: 'xyPrediction' needs predictions of the targets' shape ${formatShape(targetShape)}, got ${formatShape(found)}; use input: 'xy'.`);
  return made;
}
