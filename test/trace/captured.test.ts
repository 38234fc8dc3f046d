import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';
import { boundTrace } from '../../src/export/bound-trace';

type One = { readonly x: tf.Tensor };

const runtime = 'onnxruntime-node';
const one = () => tf.scalar(1);

/** Tensors from outside that share their values: a clone, a view and a variable are told apart. */
describe('tensors from outside', () => {
  beforeAll(async () => void (await tf.setBackend('cpu'))); // where clones share their values; wasm copies them

  test('a copy of a variable stays as it was when the variable moves, in values and gradients', async () => {
    const moving = tf.variable(tf.tensor([1, 1]));
    const anchor = moving.clone();
    const drift = ({ x }: One) => tf.sum(tf.square(tf.sub(tf.mul(moving, x), anchor)));
    const slope = ({ x }: One) => tf.variableGrads(() => drift({ x }).asScalar(), [moving]).grads[moving.name]!;
    const compiled = compile((given: One) => ({ value: drift(given), gradient: slope(given) }), { runtime });
    expect((await compiled.run({ x: one() })).value.arraySync()).toBe(0);
    moving.assign(tf.tensor([3, 3]));
    const { value, gradient } = await compiled.run({ x: one() });
    expect([value.arraySync(), gradient.arraySync()]).toEqual([8, [4, 4]]); // (3 - 1)² + (3 - 1)²; 2 (3 - 1)
    expect(compiled.compilations).toBe(1);
    await compiled.dispose();
    moving.dispose();
  });

  test('views of one tensor keep their own shapes, compiled and exported', async () => {
    const values = tf.tensor([1, 2]);
    const [column, row, square] = [values.expandDims(1), values.expandDims(0), tf.tensor([1, 2, 3, 4])];
    const sums = ({ x }: One) => tf.mul(x, tf.add(column, row));
    const compiled = compile(({ x }: One) => [sums({ x }), tf.matMul(square.reshape([2, 2]), column), tf.mul(square, x)], { runtime });
    const found = await compiled.run({ x: one() });
    expect(found.map((tensor) => tensor.arraySync())).toEqual([[[2, 3], [3, 4]], [[5], [11]], [1, 2, 3, 4]]);
    expect(boundTrace('test', (x) => sums({ x }), [1]).outputs[0]!.shape).toEqual([2, 2]);
    await compiled.dispose();
  });

  test('a tensor and its view made outside are two', async () => {
    const values = tf.tensor([1, 2, 3, 4]);
    const square = values.reshape([2, 2]);
    const compiled = compile(({ x }: One) => tf.add(tf.mul(tf.sum(values), x), square), { runtime });
    expect((await compiled.run({ x: one() })).arraySync()).toEqual([[11, 12], [13, 14]]);
    await compiled.dispose();
  });

  test('a copy outlives the variable that it was made of', async () => {
    const original = tf.variable(tf.scalar(3));
    const copy = original.clone();
    const compiled = compile(({ x }: One) => tf.mul(x, copy), { runtime });
    await compiled.run({ x: one() });
    original.dispose();
    expect((await compiled.run({ x: one() })).arraySync()).toBe(3);
    await compiled.dispose();
  });
});
