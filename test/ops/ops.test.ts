import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { checkDerivatives } from '../../src/ops/check-derivatives';
import { logSoftmax, softmaxCrossEntropy } from '../../src/ops/cross-entropy';
import { valueAndGradients } from '../../src/ops/gradients';
import { stopGradient } from '../../src/ops/stop-gradient';
import { taskMatMul } from '../../src/ops/task-mat-mul';
import { onEveryBackend } from '../helpers/backends';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('cross-entropy', () => {
  test('even logits of 4 classes cost log 4', () =>
    tf.tidy(() => {
      expect(values(softmaxCrossEntropy(tf.zeros([1, 1, 4]), tf.tensor([[[0, 1, 0, 0]]])))).toEqual([expect.closeTo(Math.log(4))]);
    }));

  test('huge logits stay finite', () =>
    onEveryBackend(() =>
      tf.tidy(() => {
        expect(values(logSoftmax(tf.tensor([[1e4, 0, -1e9]])))).toEqual([0, -1e4, Math.fround(-1e9 - 1e4)]);
      }),
    ));

  test('is right to second order in logits and labels', () =>
    expectDerivatives((logits, labels) => softmaxCrossEntropy(logits, tf.square(labels)), [2, 3, 4], [2, 3, 4]));

  test('logSoftmax is right to second order', () => expectDerivatives((x) => tf.square(logSoftmax(x)), [2, 3]));

  test('refuses labels of another shape', () =>
    expect(() => softmaxCrossEntropy(tf.zeros([1, 2, 3]), tf.zeros([1, 2, 4]))).toThrow('labels: expected shape [1, 2, 3], got [1, 2, 4].'));

  test('leaks nothing', () =>
    expectNoLeak(() => {
      const logits = tf.zeros([1, 3]);
      softmaxCrossEntropy(logits, logits).dispose();
      tf.grad((x) => tf.sum(softmaxCrossEntropy(x, logits)))(logits).dispose();
      logits.dispose();
    }));
});

describe('taskMatMul', () => {
  const product = (left: number, right: number) => (x: tf.Tensor, kernel: tf.Tensor) => {
    expect([x.shape[0], kernel.shape[0]]).toEqual([left, right]);
    return tf.square(taskMatMul(x, kernel));
  };

  for (const [left, right] of [[3, 3], [3, 1], [1, 3], [1, 1]] as const)
    test(`${left} and ${right} tasks, right to second order`, () =>
      expectDerivatives((x, kernel) => product(left, right)(x, kernel), [left, 2, 4], [right, 4, 5]));

  test('a shared kernel gives what one kernel a task gives', () =>
    tf.tidy(() => {
      const [x, kernel] = [tf.tensor([[[1, 2]], [[3, 4]]]), tf.tensor([[[1, 0], [1, 1]]])];
      expect(values(taskMatMul(x, kernel))).toEqual([3, 2, 7, 4]);
      expect(values(taskMatMul(x, tf.tile(kernel, [2, 1, 1])))).toEqual([3, 2, 7, 4]);
    }));

  test('large products, one call a task on wasm, agree with one batched call', () =>
    tf.tidy(() => {
      const [x, kernel] = [tf.randomNormal([3, 20, 100], 0, 1, 'float32', 1), tf.randomNormal([3, 100, 60], 0, 1, 'float32', 2)];
      const both = (product: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor) => [
        product(x, kernel),
        ...tf.grads((a, b) => tf.sum(tf.square(product(a, b))))([x, kernel]),
      ];
      const [ours, theirs] = [both((a, b) => taskMatMul(a, b)), both((a, b) => tf.matMul(a, b))];
      ours.forEach((value, index) => expect(tf.max(tf.abs(tf.sub(value, theirs[index]!))).dataSync()[0]).toBeLessThan(0.01));
    }));

  test('refuses what does not fit', () =>
    expect(() => taskMatMul(tf.zeros([2, 3, 4]), tf.zeros([2, 5, 1]))).toThrow('taskMatMul: expected [T, n, i] and [T, i, o], got [2, 3, 4] and [2, 5, 1].'));
});

describe('gradients', () => {
  test('an entry without a part in the value has gradient zero', () =>
    tf.tidy(() => {
      const { value, gradients } = valueAndGradients(({ x }) => tf.sum<tf.Scalar>(tf.square(x!)), { x: tf.tensor([3]), unused: tf.tensor([1, 2]) });
      expect([values(value), values(gradients['x']!), values(gradients['unused']!)]).toEqual([[9], [6], [0, 0]]);
    }));

  test('stopGradient is a constant, on every back-end', () =>
    onEveryBackend(() =>
      tf.tidy(() => {
        const slope = tf.grad((x) => tf.mul(x, stopGradient(x)))(tf.tensor([5]));
        expect(values(slope)).toEqual([5]);
      }),
    ));

  test('inside an outer gradient too, an inner one is by its own argument alone, not through what was made of it before', () =>
    tf.tidy(() => {
      const d = tf.tensor([3]);
      const { value, gradients } = valueAndGradients((outer) => {
        const step = valueAndGradients(({ z }) => tf.sum<tf.Scalar>(tf.div(tf.square(tf.mul(z!, d)), 2)), outer); // z d² = 18
        const moved = tf.sub(outer['z']!, tf.mul(step.gradients['z']!, 0.1)); // z (1 − d² / 10) = 0.2
        const next = valueAndGradients((inner) => tf.sum<tf.Scalar>(tf.mul(moved, inner['d']!)), { d }); // by d, z as it is now
        return tf.sum<tf.Scalar>(next.gradients['d']!);
      }, { z: tf.tensor([2]) });
      expect(values(value)[0]).toBeCloseTo(0.2, 5);
      expect(values(gradients['z']!)[0]).toBeCloseTo(0.1, 5);
    }));

  test('a first-order step through stopGradient ignores how the gradient depends on the start', () =>
    tf.tidy(() => {
      const start = { x: tf.tensor([2]) };
      const { gradients } = valueAndGradients((outer) => {
        const inner = valueAndGradients(({ x }) => tf.sum<tf.Scalar>(tf.pow(x!, tf.scalar(3))), outer); // 3x² = 12
        return tf.sum<tf.Scalar>(tf.sub(outer['x']!, stopGradient(inner.gradients['x']!)));
      }, start);
      expect(values(gradients['x']!)).toEqual([1]); // not 1 − 6x
    }));

  test('x³ has second derivative 6x and third derivative 6', () =>
    tf.tidy(() => {
      type Function = (x: tf.Tensor) => tf.Tensor;
      const derivative = (fn: Function): Function => (x) =>
        valueAndGradients((params) => tf.sum<tf.Scalar>(fn(params['x']!)), { x }).gradients['x']!;
      const second = derivative(derivative((x) => tf.pow(x, tf.scalar(3))));
      expect(values(second(tf.tensor([1, 2])))).toEqual([6, 12]);
      expect(values(derivative(second)(tf.tensor([1, 2])))).toEqual([6, 6]);
    }));

  test('an inner gradient that throws leaves nothing behind, and the engine in order', () =>
    expectNoLeak(() => {
      const broken = tf.customGrad((x) => ({
        value: tf.exp(x as tf.Tensor),
        gradFunc: () => {
          throw new Error('no way back');
        },
      }));
      const x = tf.tensor([1, 2]);
      const inner = (x: tf.Tensor) => valueAndGradients((params) => tf.sum<tf.Scalar>(broken(tf.tanh(params['x']!))), { x });
      const outer = () => valueAndGradients((params) => tf.sum<tf.Scalar>(inner(tf.sigmoid(params['x']!)).gradients['x']!), { x });
      expect(outer).toThrow('no way back');
      expect(() => inner(x)).toThrow('no way back');
      const { value, gradients } = valueAndGradients((params) => tf.sum<tf.Scalar>(tf.square(params['x']!)), { x });
      expect(values(gradients['x']!)).toEqual([2, 4]);
      tf.dispose([x, value, gradients['x']!]);
    }));

  test('nothing stays behind', () =>
    expectNoLeak(() => {
      const x = tf.tensor([1, 2]);
      const { value, gradients } = valueAndGradients((params) => tf.sum<tf.Scalar>(stopGradient(tf.exp(params['x']!))), { x });
      tf.dispose([x, value, gradients['x']!]);
    }));
});

describe('checkDerivatives', () => {
  test('finds a wrong second derivative', () => {
    const wrong = tf.customGrad((x) => ({
      value: tf.square(x as tf.Tensor),
      // The slope is right, but read as numbers it is a constant to the second derivative.
      gradFunc: (dy) => tf.mul(dy, tf.tensor(tf.mul(x as tf.Tensor, 2).arraySync())),
    }));
    const report = checkDerivatives((x) => wrong(x), [[3]]);
    expect(report.checks.map(({ order, passed }) => [order, passed])).toEqual([['first', true], ['second', false]]);
    expect(report.text).toContain('second derivative, input 1: WRONG');
  });

  test('finds a wrong first derivative', () => {
    const wrong = tf.customGrad((x) => ({ value: tf.square(x as tf.Tensor), gradFunc: (dy) => dy }));
    expect(checkDerivatives((x) => wrong(x), [[3]]).checks[0]!.passed).toBe(false);
  });

  test('a derivative that throws is a failure with its message, and leaves nothing behind', () =>
    expectNoLeak(() => {
      const broken = tf.customGrad((x) => ({
        value: tf.square(x as tf.Tensor),
        gradFunc: () => {
          throw new Error('no way back');
        },
      }));
      const report = checkDerivatives((x) => broken(x), [[3]]);
      expect(report.passed).toBe(false);
      expect(report.text).toContain('threw: no way back');
      expect(tf.tidy(() => tf.grad((x) => tf.square(x))(tf.scalar(2)).dataSync()[0])).toBe(4); // the engine is in order
    }));

  test('linear functions and unused inputs pass', () =>
    expect(checkDerivatives((x) => tf.mul(x, 3), [[2], [3]]).passed).toBe(true));
});
