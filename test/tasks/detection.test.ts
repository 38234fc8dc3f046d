import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { encodeBoxes, gridOn } from '../../src/tasks/box-targets';
import { intersectionOverUnion, type Box } from '../../src/tasks/boxes';
import { detection, type DetectionOptions } from '../../src/tasks/detection';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const grid = gridOn([8, 8, 1], 4);
const truth: Box = [1, 1, 7, 5];
const target = (boxes: readonly Box[], ignored: readonly Box[] = []) =>
  tf.tensor(encodeBoxes(grid, boxes.map((box) => ({ box, label: 0 })), ignored), [1, 1, 2, 2, 6]);
const one = () => tf.ones([1, 1]);

/** Cells that all say the same. */
const says = (...values: readonly number[]) => tf.tensor([values, values, values, values].flat(), [1, 1, 2, 2, values.length]);

const lossOf = (options: Partial<DetectionOptions>, output: tf.Tensor, y: tf.Tensor, weight = one()) =>
  detection({ stride: 4, ...options }).loss(output, y, weight).dataSync()[0]!;

describe('detection', () => {
  test('by hand: four cells of background', () => {
    expect(lossOf({ objectness: 'crossEntropy' }, says(0, 0, 0, 0, 0), target([]))).toBeCloseTo(4 * Math.log(2));
    expect(lossOf({}, says(0, 0, 0, 0, 0), target([]))).toBeCloseTo(Math.log(2)); // a quarter each
  });

  test('by hand: one box, whose cell says its place wrongly by 1 stride in all', () => {
    const y = target([[0, 0, 4, 4]]); // the first cell, exactly
    expect(lossOf({ objectness: 'crossEntropy', boxWeight: 2 }, says(0, 0.5, -0.5, 0, 0), y)).toBeCloseTo(4 * Math.log(2) + 2);
    const half = lossOf({ objectness: 'crossEntropy', box: 'iou' }, says(0, 0.5, 0, 0, 0), y);
    expect(half - 4 * Math.log(2)).toBeCloseTo(1 - intersectionOverUnion([0, 0, 4, 4], [2, 0, 6, 4]));
  });

  test('ignored cells, and examples of weight 0, do not count', () => {
    const y = target([], [[0, 0, 8, 8]]);
    expect(lossOf({}, says(3, 9, 9, 9, 9), y)).toBe(0);
    const [padded, both] = [tf.tensor([[1, 0]]), tf.concat([target([truth]), target([])], 1)];
    const output = tf.concat([says(1, 0, 0, 0, 0), says(5, 1, 1, 1, 1)], 1);
    expect(lossOf({}, output, both, padded)).toBeCloseTo(lossOf({}, says(1, 0, 0, 0, 0), target([truth])));
  });

  test('classes are told apart', () => {
    const y = tf.tensor(encodeBoxes(grid, [{ box: [0, 0, 4, 4], label: 1 }]), [1, 1, 2, 2, 6]);
    const right = lossOf({ classes: 2 }, says(-9, 9, 0, 0, 0, 0), y);
    const wrong = lossOf({ classes: 2 }, says(9, -9, 0, 0, 0, 0), y);
    expect(right).toBeLessThan(wrong);
  });

  test('its readout is the score and the edges that the target was made of', () =>
    tf.tidy(() => {
      const y = target([truth]);
      const [, , place] = tf.split(y, [1, 1, 4], -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const readout = detection({ stride: 4 }).readout(tf.concat([tf.zeros([1, 1, 2, 2, 1]), place], -1)).dataSync();
      expect(readout[0]).toBe(0.5);
      Array.from(readout.slice(6, 10)).forEach((edge, side) => expect(edge).toBeCloseTo(truth[side]!, 4));
    }));

  test.each([{ objectness: 'focal', box: 'l1' }, { objectness: 'crossEntropy', box: 'iou' }] as const)('$objectness and $box are right to second order', (options) =>
    expectDerivatives((output) => detection({ stride: 4, ...options }).loss(output, target([truth]), one()), [1, 1, 2, 2, 5]));

  test('what a cell without a box says never makes the loss NaN', () =>
    expect(lossOf({ box: 'iou' }, says(0, 0, 0, 500, 500), target([]))).toBeCloseTo(Math.log(2)));

  test('leaks nothing', () =>
    expectNoLeak(() => {
      const [output, y, weight] = [says(0, 0, 0, 0, 0), target([truth]), one()];
      const { loss, readout } = detection({ stride: 4, box: 'iou' });
      for (const made of [loss(output, y, weight), readout(output), output, y, weight]) made.dispose();
    }));

  test('refuses options and shapes in a sentence', () => {
    expect(() => detection({ stride: 0 })).toThrow('detection: stride: expected a whole number of at least 1, got 0.');
    expect(() => detection({ stride: 4, box: 'giou' as 'iou' })).toThrow("detection: box: expected one of 'l1', 'iou', got 'giou'.");
    expect(() => detection({ stride: 4, boxWeight: 0 })).toThrow('detection: boxWeight: expected a finite number above 0, got 0.');
    const message = 'detection: expected outputs [*, *, rows, columns, 5] and targets [1, 1, 2, 2, 6], got [1, 1, 2, 2, 6] and [1, 1, 2, 2, 6].';
    expect(() => lossOf({}, says(0, 0, 0, 0, 0, 0), target([]))).toThrow(message);
  });
});
