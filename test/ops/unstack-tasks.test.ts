import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { unstackTasks } from '../../src/ops/unstack-tasks';
import { onEveryBackend } from '../helpers/backends';
import { expectNoLeak } from '../helpers/leaks';

test('[[1, 2], [3, 4], [5, 6]] is three tasks of two values', () =>
  onEveryBackend((backend) =>
    expectNoLeak(() => {
      const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
      const parts = unstackTasks(x);
      expect(parts.map((part) => [...part.dataSync()]), backend).toEqual([[1, 2], [3, 4], [5, 6]]);
      tf.dispose([x, ...parts]);
    }),
  ));

test('one task keeps its values and loses its axis', () =>
  tf.tidy(() => {
    expect(unstackTasks(tf.ones([1, 2, 3])).map(({ shape }) => shape)).toEqual([[2, 3]]);
  }));
