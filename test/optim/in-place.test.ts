import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import { clipInPlace, clipTogether, type Clip } from '../../src/optim/clip';
import { momentum } from '../../src/optim/momentum';
import type { Optimizer } from '../../src/optim/optimizer';
import { sgd } from '../../src/optim/sgd';

const rng = createRng('in place');
const normals = (size: number) => Float32Array.from({ length: size }, () => rng.normal());

describe.each([['sgd', sgd()], ['momentum', momentum({ decay: 0.7 })]] as const)('%s', (_name, optimizer: Optimizer) => {
  test('moves values in place as it does tensors', () => {
    const value = normals(5);
    let tensor: tf.Tensor = tf.tensor(value.slice());
    let moments = optimizer.start(tensor);
    const own = Object.fromEntries(Object.entries(moments).map(([name, moment]) => [name, moment.dataSync<'float32'>().slice()]));
    for (let step = 0; step < 3; step++) {
      const gradient = normals(5);
      optimizer.updateInPlace!(value, gradient, own, 0.1);
      ({ value: tensor, moments } = optimizer.update(tensor, tf.tensor(gradient), moments, 0.1));
    }
    tensor.dataSync<'float32'>().forEach((expected, index) => expect(value[index]).toBeCloseTo(expected, 6));
  });
});

test.each([{ by: 'norm', limit: 1 }, { by: 'norm', limit: 100 }, { by: 'value', limit: 0.5 }] as readonly Clip[])('clips in place by %o', (clip) => {
  const gradients = [normals(4), normals(3)];
  const norm = Math.sqrt(gradients.flatMap((values) => [...values]).reduce((sum, value) => sum + value * value, 0));
  const expected = tf.tidy(() =>
    Object.values(clipTogether({ a: tf.tensor(gradients[0]!.slice()), b: tf.tensor(gradients[1]!.slice()) }, clip)).map((tensor) => tensor.arraySync() as number[]) as unknown as tf.TensorContainer,
  ) as unknown as number[][];
  clipInPlace(gradients, norm, clip);
  gradients.forEach((values, index) => values.forEach((value, at) => expect(value).toBeCloseTo(expected[index]![at]!, 6)));
});
