import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { ClassEmbeddingStart } from '../../src/embeddings/embedding';
import { classTasks, difference } from '../embeddings/tasks';

/** What every start that has an embedding of each class, of `classSize` values, promises beside what all starts do. */
export function testClassEmbeddingStart(name: string, encoder: ClassEmbeddingStart, classSize: number): void {
  describe(`${name} as the start of class embeddings`, () => {
    const fresh = () => initParams(encoder.specs, createRng('classes'));

    test('the same parameters serve any number of ways', () => {
      const params = fresh();
      expect(encoder.classSize).toBe(classSize);
      expect(encoder.startClasses(params, classTasks(2, 6, 3)).shape).toEqual([2, 3, classSize]);
      expect(encoder.startClasses(params, classTasks(2, 10, 5)).shape).toEqual([2, 5, classSize]);
    });

    test('permuting classes permutes class embeddings and keeps the task embedding', () => {
      const params = fresh();
      const task = classTasks(2, 6);
      const swapped = { ...task, support: { ...task.support, y: tf.reverse(task.support.y, 2) } };
      const classes = encoder.startClasses(params, task);
      expect(difference(encoder.startClasses(params, swapped), tf.reverse(classes, 1))).toBeLessThan(1e-6);
      expect(difference(encoder.start(params, swapped), encoder.start(params, task))).toBeLessThan(1e-6);
    });

    test('a class that the support set does not show is zeros, and changes nothing else', () => {
      const params = fresh();
      const task = classTasks(2, 6);
      const wider = { ...task, support: { ...task.support, y: tf.concat([task.support.y, tf.zeros([2, 6, 2])], 2) } };
      const [shown, absent] = tf.split(encoder.startClasses(params, wider), [3, 2], 1) as [tf.Tensor, tf.Tensor];
      expect(difference(shown, encoder.startClasses(params, task))).toBeLessThan(1e-6);
      expect(tf.max(tf.abs(absent)).dataSync()[0]).toBe(0);
      expect(difference(encoder.start(params, wider), encoder.start(params, task))).toBeLessThan(1e-6);
    });
  });
}
