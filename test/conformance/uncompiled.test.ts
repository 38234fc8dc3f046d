import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';
import { expectNoLeak } from '../helpers/leaks';

describe('a function that runs uncompiled', () => {
  test('leaves tensors from outside that it returns as they are, and leaks nothing', () =>
    expectNoLeak(async () => {
      const outside = tf.tensor([10, 20, 30]);
      const compiled = compile(({ x }: { readonly x: tf.Tensor }) => [outside, tf.add(x, outside), x, x], { runtime: 'tfjs' });
      for (let run = 0; run < 2; run++) {
        const x = tf.tensor([1, 2, 3]);
        const made = await compiled.run({ x });
        expect(made.map((tensor) => Array.from(tensor.dataSync()))).toEqual([[10, 20, 30], [11, 22, 33], [1, 2, 3], [1, 2, 3]]);
        tf.dispose([x, made]);
      }
      expect(Array.from(outside.dataSync())).toEqual([10, 20, 30]);
      outside.dispose();
      await compiled.dispose();
    }));
});
