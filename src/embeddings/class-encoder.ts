import * as tf from '@tensorflow/tfjs';
import { expectCount } from '../core/errors';
import { layerNoise } from '../core/layer-noise';
import type { TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord, type Params } from '../core/params';
import { sizeOf, type Shape } from '../core/shape';
import type { ActivationName } from '../nn/activation';
import { mlp } from '../nn/mlp';
import { classMeans, meanOfShown, type ClassMeans } from './class-means';
import type { ClassEmbeddingStart } from './embedding';
import { trainedSpecs } from './trained-specs';
import { unitSize } from './unit-size';

export interface ClassEncoderOptions {
  /** Length of the task's embedding. */
  readonly size: number;
  /** Shape of one x. */
  readonly inputShape: Shape;
  /** Hidden sizes of the network that sees one x, where no `features` are given. @default [64] */
  readonly hidden?: readonly number[];
  /** Between the encoder's own layers. @default 'relu' */
  readonly activation?: ActivationName;
  /** Length of a class embedding, where no `features` are given. @default 64 */
  readonly classSize?: number;
  /** Turns x into features; a class embedding is their mean. @default an mlp of the flattened x */
  readonly features?: Network;
}

/**
 * Encodes the support set of an N-way task. A class embedding is the mean feature of the class's examples; the task
 * embedding is the mean over the classes shown of a network of their embeddings, scaled to values of size 1. No size
 * depends on N, and the order of the classes does not change the task embedding. Examples of weight 0 do not count.
 *
 * Source: Snell et al., "Prototypical Networks", 2017 (arXiv 1703.05175), equation 1; Zaheer et al., "Deep Sets", 2017
 * (arXiv 1703.06114), over classes.
 *
 * @throws RangeError if a size is not a count
 */
export function classEncoder(options: ClassEncoderOptions): ClassEmbeddingStart {
  const { size, inputShape, hidden = [64], classSize = 64, activation = 'relu' } = options;
  expectCount('classEncoder: size', size);
  const features = options.features ?? mlp([sizeOf(inputShape), ...hidden, classSize], { activation });
  const width = sizeOf(features.outputShape);
  const perClass = mlp([width, width, size], { activation });

  function encode(params: Params, task: TaskInputs): ClassMeans {
    const { support } = task;
    const { x, weight } = support;
    const [tasks, n] = x.shape as [number, number];
    const input = tf.reshape(x, [tasks, n, ...features.inputShape]);
    const seen = features.apply(unscopeRecord(params, 'features'), input, { weight, ...layerNoise(task) });
    return classMeans(tf.reshape(seen, [tasks, n, width]), support);
  }

  return {
    size,
    classSize: width,
    specs: { ...scopeRecord(trainedSpecs(features), 'features'), ...scopeRecord(perClass.specs, 'class') },
    startClasses: (params, task) => tf.tidy(() => encode(params, task).means),
    start(params, task) {
      return tf.tidy(() => {
        const { means, counts } = encode(params, task);
        return unitSize(meanOfShown(perClass.apply(unscopeRecord(params, 'class'), means), counts));
      });
    },
  };
}
