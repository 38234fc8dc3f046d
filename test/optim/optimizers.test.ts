import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { adam } from '../../src/optim/adam';
import { momentum } from '../../src/optim/momentum';
import { startMoments, updateParams, type Optimizer } from '../../src/optim/optimizer';
import { sgd } from '../../src/optim/sgd';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

/** Three updates from 1 with gradients 1, 2, -1 and rate 0.1. */
function trajectory(optimizer: Optimizer): readonly number[] {
  return tf.tidy(() => {
    let params: Readonly<Record<string, tf.Tensor>> = { weight: tf.tensor([[1]]) };
    let moments = startMoments(optimizer, params);
    return [1, 2, -1].map((gradient) => {
      ({ params, moments } = updateParams(optimizer, params, { weight: tf.tensor([[gradient]]) }, moments, 0.1));
      return params['weight']!.dataSync()[0]!;
    });
  });
}

function expectTrajectory(optimizer: Optimizer, expected: readonly number[]): void {
  trajectory(optimizer).forEach((value, step) => expect(value).toBeCloseTo(expected[step]!, 5));
}

describe('optimizers', () => {
  test('SGD follows the gradient', () => expectTrajectory(sgd(), [0.9, 0.7, 0.8]));

  test('momentum keeps half of its velocity', () => expectTrajectory(momentum({ decay: 0.5 }), [0.9, 0.65, 0.625]));

  test('Adam takes a first step of the learning rate', () => {
    // m̂, v̂ by hand: step 1: 1, 1; step 2: 0.29/0.19, 0.004999/0.001999; step 3: 0.161/0.271, 0.005994/0.002997.
    const ratio2 = 0.29 / 0.19 / Math.sqrt(0.004999 / 0.001999);
    const ratio3 = 0.161 / 0.271 / Math.sqrt(0.005994001 / 0.002997001);
    expectTrajectory(adam(), [0.9, 0.9 - 0.1 * ratio2, 0.9 - 0.1 * ratio2 - 0.1 * ratio3]);
  });

  for (const optimizer of [sgd(), momentum(), adam({ epsilon: 0.1 })])
    test(`two updates of ${optimizer.name} are right to second order in value and gradient`, () =>
      expectDerivatives(
        (value, gradient) => {
          const first = optimizer.update(value, gradient, optimizer.start(value), 0.1);
          return optimizer.update(first.value, tf.mul(gradient, first.value), first.moments, 0.1).value;
        },
        [2, 3],
        [2, 3],
      ));

  test('Adam has finite derivatives at a zero gradient', () => {
    const slope = tf.tidy(() => {
      const optimizer = adam();
      return tf
        .grad((gradient) => optimizer.update(tf.ones([1, 2]), gradient, optimizer.start(gradient), 0.1).value)(tf.zeros([1, 2]))
        .dataSync();
    });
    expect(slope.every((value) => Number.isFinite(value))).toBe(true);
  });

  test('entries that are not updated keep their moments', () =>
    tf.tidy(() => {
      const params = { a: tf.ones([1]), b: tf.ones([1]) };
      const moments = startMoments(momentum(), params);
      const after = updateParams(momentum(), { a: params.a }, { a: tf.ones([1]) }, moments, 1);
      expect(Object.keys(after.params)).toEqual(['a']);
      expect(after.moments['b/velocity']).toBe(moments['b/velocity']);
      expect(after.moments['a/velocity']!.dataSync()[0]).toBe(1);
    }));

  test('an update leaves nothing but its result', () =>
    expectNoLeak(() => {
      const params = { a: tf.ones([2, 2]) };
      const moments = startMoments(adam(), params);
      const after = tf.tidy(() => updateParams(adam(), params, params, moments, 0.1) as unknown as tf.TensorContainerObject);
      tf.dispose([params, moments, after]);
    }));

  test('refuses a decay of 1', () => {
    expect(() => momentum({ decay: 1 })).toThrow('momentum: decay: expected a number in [0, 1), got 1.');
    expect(() => adam({ beta2: 1 })).toThrow('adam: beta2: expected a number in [0, 1), rounded to float32, got 1.');
    for (const beta of ['beta1', 'beta2']) expect(() => adam({ [beta]: 1 - 1e-8 })).toThrow(`adam: ${beta}: expected a number in [0, 1), rounded to float32, got 0.99999999.`);
  });
});
