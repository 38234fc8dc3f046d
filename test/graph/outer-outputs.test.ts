import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';
import { splitOuterOutputs } from '../../src/graph/outer-outputs';
import { optimize } from '../../src/engine/program';
import { trace } from '../../src/trace/trace';

const size = 256;

/** How the outputs of a function of these shapes leave the runtime. */
function outputsOf(fn: (...inputs: tf.Tensor[]) => readonly tf.Tensor[], ...shapes: readonly (readonly number[])[]) {
  const { graph } = trace((inputs) => fn(...inputs), shapes.map((shape) => ({ shape, dtype: 'float32' })));
  const { outputs } = splitOuterOutputs(optimize(graph).graph);
  return outputs;
}

test('a large column times a row leaves as the two', () =>
  expect(outputsOf((a, b) => [tf.mul(a, b), tf.neg(a)], [size, 1], [1, size])).toEqual([{ column: 0, row: 1 }, { whole: 2 }]));

test('small products, and others, leave as they are', () => {
  expect(outputsOf((a, b) => [tf.mul(a, b)], [4, 1], [1, 4])).toEqual([{ whole: 0 }]);
  expect(outputsOf((a, b) => [tf.mul(a, b)], [size, size], [1, size])).toEqual([{ whole: 0 }]);
  expect(outputsOf((a, b) => [tf.mul(a, b)], [size, 1], [size, 1])).toEqual([{ whole: 0 }]);
});

test('the values are those of the product, in each order and after others have been recycled', async () => {
  const product = compile(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ ab: tf.mul(a, b), ba: tf.mul(b, a), sum: tf.add(a, b) }), { runtime: 'onnxruntime-node' });
  const values = (seed: number) => Float32Array.from({ length: size }, (_, index) => Math.sin(seed + index));
  for (const seed of [1, 2, 3]) {
    const [a, b] = [values(seed), values(-seed)];
    const made = await product.runOnHost({ a: { values: a, shape: [size, 1], dtype: 'float32' }, b: { values: b, shape: [1, size], dtype: 'float32' } });
    const expected = Float32Array.from({ length: size * size }, (_, at) => a[Math.floor(at / size)]! * b[at % size]!);
    expect(made.ab.values).toEqual(expected);
    expect(made.ba.values).toEqual(expected);
    expect(made.ab.shape).toEqual([size, size]);
    product.recycle(made);
  }
  await product.dispose();
});

test.each([3, 5_000])('outputs of %i equal values have arrays of their own: one that is changed leaves the other as it was', async (length) => {
  const twice = compile(({ x }: { x: tf.Tensor }) => ({ one: tf.mul(x, 2), other: tf.add(x, x), more: tf.mul(x, 2), square: tf.square(x) }), { runtime: 'onnxruntime-node' });
  for (let run = 0; run < 2; run++) {
    const made = await twice.runOnHost({ x: { values: new Float32Array(length).fill(run + 1), shape: [length], dtype: 'float32' } });
    (made.one.values as Float32Array).fill(-1);
    for (const name of ['other', 'more'] as const) expect(made[name].values).toEqual(new Float32Array(length).fill(2 * run + 2));
    twice.recycle(made);
  }
  await twice.dispose();
});
