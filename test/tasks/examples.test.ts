import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { classification, regression } from '../../src/tasks/objectives';
import { readExamples, readInputs, type UserExamples } from '../../src/tasks/examples';

const curve = { inputShape: [1], targetShape: [1], objective: regression };
const pictures = { inputShape: [2, 2, 1], targetShape: [5], objective: classification };
const picture = [[[1], [2]], [[3], [4]]];

describe('readExamples', () => {
  test('reads lists, typed arrays and tensors alike', () => {
    const expected = { x: Float32Array.of(-1, 0, 2), y: Float32Array.of(3, 4, 5), count: 3 };
    const sources: UserExamples[] = [
      { x: [[-1], [0], [2]], y: [[3], [4], [5]] },
      { x: [-1, 0, 2], y: [3, 4, 5] },
      { x: Float64Array.of(-1, 0, 2), y: Int32Array.of(3, 4, 5) },
      { x: tf.tensor2d([[-1], [0], [2]]), y: tf.tensor2d([[3], [4], [5]]) },
    ];
    for (const source of sources) expect(readExamples(curve, source)).toEqual({ arrays: expected });
  });

  test('labels become one-hot rows, classes sorted', () => {
    const { arrays, classes } = readExamples(pictures, { x: [picture, picture, picture], y: ['dog', 'cat', 'dog'] });
    expect(classes).toEqual(['cat', 'dog']);
    expect([...arrays.y]).toEqual([0, 1, 1, 0, 0, 1]);
    expect([...arrays.x.slice(0, 4)]).toEqual([1, 2, 3, 4]);
    expect(readExamples(pictures, { x: [picture, picture, picture], y: [10, 9, 10] }).classes).toEqual([9, 10]);
  });

  test('one-hot rows, and classes in an order of the caller, keep their width', () => {
    const x = [picture, picture];
    expect(readExamples(pictures, { x, y: [[0, 0, 1], [1, 0, 0]] })).toMatchObject({ classes: [0, 1, 2] });
    const ordered = readExamples(pictures, { x, y: ['b', 'a'], classes: ['b', 'c', 'a'] });
    expect([...ordered.arrays.y]).toEqual([1, 0, 0, 0, 0, 1]);
  });

  test('bytes are levels: 255 is 1', () => {
    const { arrays } = readExamples(pictures, { x: [Uint8Array.of(0, 255, 0, 51), picture], y: [0, 1] });
    expect([...arrays.x.slice(0, 4)].map((value) => Number(value.toFixed(6)))).toEqual([0, 1, 0, 0.2]);
  });

  const flat = Array.from({ length: 5 }, () => [1, 2, 3, 4]);
  test.each<[string, UserExamples, string]>([
    ['another shape', { x: flat, y: [0, 1, 0, 1, 0] }, 'support.x: expected shape [*, 2, 2, 1], got [5, 4].'],
    ['a later example of another shape', { x: [picture, [[[1]]]], y: [0, 1] }, 'support.x[1]: expected shape [2, 2, 1], got [1, 1, 1].'],
    ['ragged lists', { x: [picture, [[[1], [2]], [[3]]]], y: [0, 1] }, 'support.x[1]: expected lists of one length, as in shape [2, 2, 1], got ragged ones.'],
    ['no examples', { x: [], y: [] }, 'support.x: expected at least 1 example, got none.'],
    ['NaN', { x: [picture, [[[1], [NaN]], [[3], [4]]]], y: [0, 1] }, 'support.x: expected finite numbers, got NaN in example 1.'],
    ['another number of labels', { x: [picture, picture], y: [0, 1, 2] }, 'support: expected as many examples in y as in x, got 3 and 2.'],
    ['one class', { x: [picture, picture], y: [1, 1] }, 'support.y: expected at least 2 classes, got 1.'],
    ['a negative label', { x: [picture, picture], y: [0, -1] }, 'support.y[1]: expected a label, a string or a whole number from 0, got -1.'],
    ['a label out of range', { x: [picture, picture], y: [0, 2], classes: [0, 1] }, 'support.y[1]: expected one of the classes 0, 1, got 2.'],
    ['a row that is not one-hot', { x: [picture, picture], y: [[0, 1], [1, 1]] }, 'support.y[1]: expected a one-hot row with a single 1, got [1, 1].'],
    ['one-hot rows of another width', { x: [picture, picture], y: [[0, 1], [1, 0]], classes: ['a', 'b', 'c'] }, 'support.y: expected shape [*, 3], got [2, 2].'],
  ])('refuses %s', (_name, examples, message) => expect(() => readExamples(pictures, examples)).toThrow(message));

  test('refuses a tensor of another shape', () =>
    expect(() => readExamples(pictures, { x: tf.zeros([5, 4]), y: [0, 1] })).toThrow('support.x: expected shape [*, 2, 2, 1], got [5, 4].'));

  test('refuses strings where values are asked for', () =>
    expect(() => readExamples(curve, { x: [1], y: ['one'] })).toThrow('support.y: expected shape [*, 1], got [1].'));
});

describe('readInputs', () => {
  test('the number of axes tells one sample from a list, whatever the sizes', () => {
    const form = (shape: number[], x: Parameters<typeof readInputs>[1]) => {
      const { form, count } = readInputs(shape, x);
      return [form, count];
    };
    expect(form([1], 3)).toEqual(['sample', 1]);
    expect(form([1], [3])).toEqual(['sample', 1]);
    expect(form([1], [[3]])).toEqual(['list', 1]);
    expect(form([1], [[1], [2]])).toEqual(['list', 2]);
    expect(form([1], tf.tensor1d([3]))).toEqual(['sample', 1]);
    expect(form([1], tf.tensor2d([[3], [4]]))).toEqual(['list', 2]);
    expect(form([2, 2, 1], picture)).toEqual(['sample', 1]);
    expect(form([2, 2, 1], [picture])).toEqual(['list', 1]);
    expect(form([2, 2, 1], new Float32Array(4))).toEqual(['sample', 1]);
    expect(form([2, 2, 1], [new Float32Array(4), new Float32Array(4)])).toEqual(['list', 2]);
  });

  test('values come in order, bytes as levels', () => {
    expect([...readInputs([2, 2, 1], picture).x]).toEqual([1, 2, 3, 4]);
    expect([...readInputs([2], Uint8Array.of(255, 0)).x]).toEqual([1, 0]);
  });

  test.each<[Parameters<typeof readInputs>[0], Parameters<typeof readInputs>[1], string]>([
    [[1], [1, 2, 3], 'x: expected shape [1] for one sample or [*, 1] for a list of samples, got [3].'],
    [[2, 2, 1], [1, 2, 3, 4], 'x: expected shape [2, 2, 1] for one sample or [*, 2, 2, 1] for a list of samples, got [4].'],
    [[2, 2, 1], 5, 'x: expected shape [2, 2, 1] for one sample or [*, 2, 2, 1] for a list of samples, got [].'],
    [[2, 2, 1], new Float32Array(8), 'x: expected shape [2, 2, 1] for one sample or [*, 2, 2, 1] for a list of samples, got [8].'],
    [[2], [[1, 2], [3]], 'x[1]: expected shape [2], got [1].'],
    [[2], [], 'x: expected at least 1 example, got none.'],
    [[2], [1, NaN], 'x: expected finite numbers, got NaN in example 0.'],
  ])('shape %j refuses %j', (shape, x, message) => expect(() => readInputs(shape, x)).toThrow(message));
});

test('refuses a class that is named twice', () =>
  expect(() =>
    readExamples({ inputShape: [1], targetShape: [2], objective: classification }, { x: [[1], [2]], y: ['a', 'b'], classes: ['a', 'a', 'b'] }),
  ).toThrow('support.y: expected each class once in classes, got a, a, b.'));

test('refuses a class that is named twice beside one-hot rows', () =>
  expect(() =>
    readExamples({ inputShape: [1], targetShape: [2], objective: classification }, { x: [[1], [2]], y: [[1, 0], [0, 1]], classes: ['a', 'a'] }),
  ).toThrow('support.y: expected each class once in classes, got a, a.'));
