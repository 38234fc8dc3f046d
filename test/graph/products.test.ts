import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';
import { build, optimize } from '../../src/engine/program';
import { reachable } from '../../src/graph/graph';
import { trace } from '../../src/trace/trace';

type Shapes = readonly (readonly number[])[];
type Fn = (...inputs: tf.Tensor[]) => readonly tf.Tensor[];

const typesOf = (shapes: Shapes) => shapes.map((shape) => ({ shape, dtype: 'float32' as const }));

/** What is left of a function of tensors of these shapes: kernels, and how many axes their results have. */
function nodesOf(fn: Fn, ...shapes: Shapes): readonly string[] {
  const { graph } = trace((inputs) => fn(...inputs), typesOf(shapes));
  const nodes = reachable(optimize(graph).graph.outputs).filter(({ kernel }) => !['Input', 'Constant'].includes(kernel));
  return nodes.map(({ kernel, shape, attributes }) => `${kernel}${attributes['activation'] ? 'Relu' : ''} ${shape.join('×')}`);
}

/** Compiled, the function gives what it gives uncompiled, for several draws of its inputs. */
async function expectAlike(fn: Fn, ...shapes: Shapes): Promise<void> {
  const compiled = compile((inputs: readonly tf.Tensor[]) => fn(...inputs), { runtime: 'onnxruntime-node' });
  for (const seed of [1, 2]) {
    const inputs = shapes.map((shape, index) => tf.randomNormal([...shape], 0, 1, 'float32', seed + 10 * index));
    const [made, expected] = [await compiled.run(inputs), fn(...inputs)];
    for (const [index, tensor] of expected.entries()) {
      expect(made[index]!.shape).toEqual(tensor.shape);
      expect(tf.max(tf.abs(tf.sub(made[index]!, tensor))).dataSync()[0]).toBeLessThan(1e-5);
    }
    tf.dispose([inputs, [...made], [...expected]]);
  }
  await compiled.dispose();
}

const layer = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.relu(tf.add(tf.matMul(x, w), tf.expandDims(b, 1)));

test('a row that was made of two, one of which is repeated in it, stays whole', () =>
  expectAlike((x, row, repeated, w) => [tf.matMul(tf.mul(x, tf.reshape(tf.mul(row, repeated), [1, 1, 8])), w)], [1, 5, 8], [1, 1, 2, 4], [1, 1, 1, 4], [1, 8, 3]));

describe('with one task', () => {
  const shapes = [[1, 4, 5], [1, 5, 6], [1, 6]];

  test('a layer is one node, and its slope looks at its output', async () => {
    expect(nodesOf((x, w, b) => [layer(x, w, b)], ...shapes)).toEqual(['GemmRelu 4×6']);
    expect(nodesOf((x, w, b) => [layer(x, w, b), tf.step(tf.add(tf.matMul(x, w), tf.expandDims(b, 1)))], ...shapes)).toEqual(['GemmRelu 4×6', 'Step 4×6']);
    await expectAlike((x, w, b) => [layer(x, w, b), tf.step(tf.add(tf.matMul(x, w), tf.expandDims(b, 1)))], ...shapes);
  });

  test('a sum that something else needs stays', () =>
    expect(nodesOf((x, w, b) => {
      const sum = tf.add(tf.matMul(x, w), tf.expandDims(b, 1));
      return [tf.relu(sum), tf.exp(sum)];
    }, ...shapes)).toEqual(['Gemm 4×6', 'Relu 4×6', 'Exp 4×6']));

  test('a gradient step starts a product from the weights', async () => {
    const moved: Fn = (w, x, slope, rate) => [tf.sub(w, tf.mul(rate, tf.matMul(x, slope, true))), tf.sub(tf.mul(rate, tf.matMul(x, slope, true)), w)];
    expect(nodesOf((...inputs) => [moved(...inputs)[0]!], [1, 5, 6], [1, 4, 5], [1, 4, 6], [])).toEqual(['Multiply 4×6', 'Gemm 5×6']);
    await expectAlike(moved, [1, 5, 6], [1, 4, 5], [1, 4, 6], []);
  });

  test('so do biases, and a column times a row', async () => {
    const moved: Fn = (b, slope, rate) => [tf.sub(b, tf.mul(rate, tf.sum(slope, 1)))];
    expect(nodesOf(moved, [1, 6], [1, 4, 6], []).filter((node) => node.startsWith('Gemm'))).toEqual(['Gemm 1×6']);
    await expectAlike(moved, [1, 6], [1, 4, 6], []);
    await expectAlike((x, w, b) => [tf.relu(tf.add(tf.mul(x, w), b))], [1, 7, 1], [1, 1, 6], [1, 1, 6]);
  });

  test('two products that are added, one of them twice', async () => {
    const both: Fn = (a, b, c, d) => [tf.add(tf.matMul(a, b), tf.matMul(c, d)), tf.add(tf.matMul(a, b), tf.matMul(a, b))];
    await expectAlike(both, [1, 4, 5], [1, 5, 6], [1, 4, 3], [1, 3, 6]);
  });

  test('sums and means over any axes, moved axes, parts and joints', async () => {
    const fn: Fn = (x) => [
      tf.sum(x, 0), tf.sum(x, [0, 1], true), tf.mean(x, 2), tf.max(x, [1, 2]), tf.transpose(x, [0, 2, 1]), tf.transpose(x, [2, 0, 1]),
      tf.slice(x, [0, 1, 2], [1, 2, 2]), tf.concat([x, x], 1), tf.concat([x, x], 0), tf.tile(x, [3, 1, 1]), tf.any(tf.greater(x, 1), 0).toFloat(),
    ];
    await expectAlike((x) => fn(tf.exp(x)), [1, 4, 5]);
  });

  test('one task out of several', async () => {
    await expectAlike((x, w) => [tf.matMul(tf.slice(x, [1, 0, 0], [1, 4, 5]), w)], [3, 4, 5], [1, 5, 6]);
    await expectAlike((x, w) => [tf.sum(tf.matMul(tf.slice(x, [1, 0, 0], [1, 4, 5]), w), 0), tf.sum(x, 0)], [3, 4, 5], [1, 5, 6]);
  });

  test('what is not a number stays so', async () => {
    const compiled = compile((inputs: readonly tf.Tensor[]) => layer(inputs[0]!, inputs[1]!, inputs[2]!), { runtime: 'onnxruntime-node' });
    const inputs = [tf.fill([1, 4, 5], NaN), tf.ones([1, 5, 6]), tf.zeros([1, 6])];
    const made = await compiled.run(inputs);
    expect([...made.dataSync()]).toEqual(new Array(24).fill(NaN));
    tf.dispose([inputs, made]);
    await compiled.dispose();
  });
});

describe('summed over tasks', () => {
  const tasks = 5;
  const shapes = [[tasks, 4, 2], [tasks, 4, 3]];
  const parts: Fn = (a, b) => [tf.sum(tf.matMul(a, b, true), 0)];

  test('products over the examples of each task become one over all', async () => {
    expect(nodesOf(parts, ...shapes).filter((node) => !node.startsWith('Reshape'))).toEqual(['BatchMatMul 2×3']);
    await expectAlike(parts, ...shapes);
  });

  test('so do sums over examples, beside what has to be summed task by task', async () => {
    const fn: Fn = (a, b) => [tf.sum(tf.add(tf.matMul(a, b, true), tf.matMul(tf.square(a), b, true)), 0, true), tf.sum(tf.sum(b, 1), 0), tf.mean(tf.sum(a, 1), 0)];
    await expectAlike(fn, ...shapes);
    const both: Fn = (a, b) => {
      const own = tf.matMul(a, b, true);
      return [tf.sum(tf.add(own, tf.matMul(a, tf.exp(b), true)), 0), own, tf.sum(tf.matMul(own, b, false, true), 0)];
    };
    await expectAlike(both, ...shapes);
  });
});

describe('small inputs and outputs', () => {
  const sums: Fn = (a, b, large) => [tf.add(a, b), tf.mul(large, 2), tf.sub(a, b), a, tf.scalar(3)];
  const shapes = [[2, 3], [3], [100, 100]];

  test('go in as one and come out as one', () => {
    const { model } = build((inputs) => sums(...inputs), typesOf(shapes));
    expect(model.inputs.map(({ shape }) => shape)).toEqual([[100, 100], [9]]);
    expect(model.outputs.map(({ shape }) => shape)).toEqual([[100, 100], [19]]);
  });

  test('one alone stays as it is', () => {
    const { model } = build((inputs) => [tf.exp(inputs[0]!)], typesOf([[2, 3]]));
    expect([model.inputs[0]!.shape, model.outputs[0]!.shape]).toEqual([[2, 3], [2, 3]]);
  });

  test('have their own values, also in runs that overlap', async () => {
    await expectAlike(sums, ...shapes);
    const compiled = compile(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ sum: tf.add(a, b), product: tf.mul(a, b) }), { runtime: 'onnxruntime-node' });
    const host = (value: number) => ({ values: Float32Array.of(value, value), shape: [2], dtype: 'float32' as const });
    const runs = await Promise.all([1, 2, 3].map((value) => compiled.runOnHost({ a: host(value), b: host(10) })));
    expect(runs.map(({ sum, product }) => [sum.values[0], product.values[1]])).toEqual([[11, 10], [12, 20], [13, 30]]);
    await compiled.dispose();
  });

  test('of other types are apart', () => {
    const { model } = build((inputs) => [tf.add(inputs[0]!, inputs[1]!), tf.greater(inputs[0]!, 0), tf.exp(inputs[0]!)], typesOf([[2], [2]]));
    expect(model.outputs.map(({ shape, dtype }) => [shape, dtype])).toEqual([[[2], 'bool'], [[4], 'float32']]);
  });
});
