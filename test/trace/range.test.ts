import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';

const ranges: readonly (readonly [start: number, stop: number, step: number, dtype: 'float32' | 'int32'])[] = [
  [0, 4, 1, 'float32'],
  [5, 0, 1, 'float32'], // falls
  [5, 0, -2, 'float32'],
  [0, 1, 0.3, 'float32'],
  [0, 2, 0.1, 'float32'],
  [7, 1, -0.7, 'float32'],
  [5, 0, 1, 'int32'],
  [-3, 9, 4, 'int32'],
];

test.each(ranges)('the range from %d to %d by %d (%s) is that of TensorFlow.js, to the last digit', async (start, stop, step, dtype) => {
  const range = () => tf.range(start, stop, step, dtype);
  const compiled = compile(({ x }: { readonly x: tf.Tensor }) => tf.concat([range(), tf.cast(x, dtype)]), { runtime: 'onnxruntime-node' });
  const found = await compiled.run({ x: tf.tensor([7]) });
  expect(found.arraySync()).toEqual([...range().dataSync(), 7]);
  await compiled.dispose();
});
