import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hostFloats } from '../../src/core/host-tensor';
import { seededNoise, type Noise } from '../../src/core/noise';
import { createRng } from '../../src/core/rng';
import { compile, type Compiled } from '../../src/engine/compile';
import { maxPool } from '../../src/ops/pooling';
import { taskConv2d } from '../../src/ops/task-convolution';
import { expectNoLeak } from '../helpers/leaks';

type One = { readonly x: tf.Tensor };

const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
const runOnce = async (compiled: Compiled<One, tf.Tensor>, x = tf.tensor([1, 2, 3])) => {
  const result = await compiled.run({ x });
  const values = numbers(result);
  tf.dispose([x, result]);
  return values;
};

describe('what cannot be compiled is refused, and nothing is left behind', () => {
  let before: { readonly backend: string; readonly variables: readonly string[]; readonly tensors: number };
  let variable: tf.Variable;
  let count = 0;
  const state = () => ({ backend: tf.getBackend(), variables: Object.keys(tf.engine().registeredVariables), tensors: tf.memory().numTensors });

  beforeEach(() => {
    variable = tf.variable(tf.tensor([1, 2, 3]), true, 'counter');
    before = state();
  });
  afterEach(() => {
    try {
      expect(state()).toEqual(before);
      expect(numbers(variable)).toEqual([1, 2, 3]);
    } finally {
      tf.disposeVariables();
    }
  });

  const reads = 'got one that reads their values';
  const differs = 'expected the same computation each time, got two that differ';
  const refusals: readonly (readonly [what: string, compute: (given: One) => tf.Tensor, message: string])[] = [
    ['dataSync', ({ x }) => tf.scalar(x.dataSync()[0]!), reads],
    ['arraySync', ({ x }) => tf.tensor(x.arraySync()), reads],
    ['an if on a value', ({ x }) => (tf.sum(x).dataSync()[0]! > 0 ? x : tf.neg(x)), reads],
    ['print', ({ x }) => (x.print(), x), reads],
    ['topk', ({ x }) => tf.topk(x, 2).values, 'expected kernels that can be compiled, got TopK'],
    ['a random tensor', ({ x }) => tf.add(x, tf.randomNormal([3])), differs],
    ['dropout of tfjs', ({ x }) => tf.dropout(x, 0.5), differs],
    ['Math.random', ({ x }) => tf.mul(x, Math.random()), differs],
    ['Math.random in an attribute', ({ x }) => tf.leakyRelu(x, Math.random()), differs],
    ['an infinity whose sign changes', ({ x }) => tf.pad(x, [[1, 1]], (++count % 2 ? 1 : -1) * Infinity), differs],
    ['a counter', ({ x }) => tf.mul(x, ++count), differs],
    ['a counter that decides what is done', ({ x }) => (++count % 2 ? tf.sin(x) : tf.cos(x)), differs],
    ['a counter that decides how much is done', ({ x }) => Array.from({ length: ++count }).reduce<tf.Tensor>((sum) => tf.sin(sum), x), differs],
    ['an assignment', ({ x }) => (variable.assign(tf.mul<tf.Tensor1D>(variable, x)), tf.sum(variable)), "an assignment to the variable 'counter'"],
    ['a variable made inside', ({ x }) => tf.mul(tf.variable(tf.ones([3])), x), 'one that makes a variable'],
    ['a tensor of texts', ({ x }) => tf.add(x, tf.cast(tf.tensor(['1']), 'float32')), 'expected tensors of numbers, got string'],
    ['a gather by batch', ({ x }) => tf.gather(tf.reshape(x, [1, 3]), tf.tensor([[0]], [1, 1], 'int32'), 1, 1), 'expected a gather without batchDims'],
    ['images in another order', ({ x }) => tf.conv2d(tf.reshape<tf.Rank.R4>(x, [1, 1, 3, 1]), tf.ones([1, 1, 1, 1]), 1, 'same', 'NCHW'), 'expected images in NHWC order'],
    ['a result that is a number', () => 3 as unknown as tf.Tensor, 'expected tensors, in lists and records, got number 3'],
    ['a result of nothing', () => undefined as unknown as tf.Tensor, 'expected a function that returns tensors, in lists and records, got one that returns nothing'],
    ['a record of nothing', () => ({}) as unknown as tf.Tensor, 'got one that returns {} without any'],
    ['an async function', (async ({ x }: One) => tf.square(x)) as unknown as (given: One) => tf.Tensor, 'got a promise; await it outside'],
    ['an empty part', ({ x }) => tf.mean(tf.slice(x, [0], [0])), 'expected tensors with values, got a result of Slice of shape [0]; leave out what is empty'],
    ['an empty result', ({ x }) => tf.slice(x, [0], [0]), 'got a result of Slice of shape [0]'],
    ['an error of its own', () => { throw new Error('mine'); }, 'mine'],
    ['a sum of shapes that do not fit', ({ x }) => tf.add(x, tf.ones([2])), 'Operands could not be broadcast'],
    ['a quotient of shapes that do not fit', ({ x }) => tf.div(x, tf.ones([2, 2])), 'Operands could not be broadcast'],
    ['a comparison of shapes that do not fit', ({ x }) => tf.greater(x, tf.ones([2])), 'Operands could not be broadcast'],
    ['a product of matrices that do not fit', ({ x }) => tf.matMul(tf.reshape(x, [3, 1]), tf.ones([3, 2])), 'Error in matMul: inner shapes (1) and (3)'],
    ['a concat of shapes that do not fit', ({ x }) => tf.concat([tf.reshape(x, [1, 3]), tf.ones([1, 2])], 0), 'does not match the shape of the rest'],
    ['a slice past the end', ({ x }) => tf.slice(x, [2], [2]), 'would overflow input.shape'],
    ['a reshape to another size', ({ x }) => tf.reshape(x, [2, 2]), 'must match the product of shape'],
    ['an error inside a gradient', ({ x }) => tf.grad((y: tf.Tensor) => tf.topk(y, 2).values)(x), 'got TopK'],
    ['a compiled function inside another', ({ x }) => (void compile(() => x).shapes({}), x), 'got a compiled function inside another'],
  ];

  test.each(refusals)('%s', async (_what, compute, message) => {
    const compiled = compile(compute, { runtime: 'onnxruntime-node' });
    const x = tf.tensor([1, 2, 3]);
    try {
      for (let again = 0; again < 2; again++) await expect(compiled.run({ x })).rejects.toThrow(message);
    } finally {
      x.dispose();
    }
    await compiled.dispose();
  });

  test('a tensor that was disposed before, or since', async () => {
    const held = tf.tensor([1, 1, 1]);
    const compiled = compile(({ x }: One) => tf.add(x, held));
    expect(await runOnce(compiled)).toEqual([2, 3, 4]);
    held.dispose();
    const x = tf.tensor([1, 2, 3]);
    await expect(compiled.run({ x })).rejects.toThrow('got a disposed one');
    await compiled.dispose();
    await expect(compile(({ x: given }: One) => tf.add(given, held)).run({ x })).rejects.toThrow('disposed');
    x.dispose();
  });
});

test.each([
  ['a product over no values', ({ x }: One) => tf.matMul(x, x, true), [2, 0, 4]],
  ['a convolution of no images', ({ x }: One) => taskConv2d(x, tf.ones([2, 3, 3, 1, 2]), {}), [2, 0, 4, 4, 1]],
  ['a pooling of no images', ({ x }: One) => maxPool(x), [2, 0, 4, 4, 1]],
  ['a mean of no rows', ({ x }: One) => tf.mean(x, 0), [0, 2]],
] as const)('%s is refused', async (_what, compute, shape) => {
  const compiled = compile(compute, { runtime: 'onnxruntime-node' });
  await expect(compiled.run({ x: tf.zeros([...shape]) })).rejects.toThrow(`expected tensors with values, got an input, or a tensor from outside, of shape [${shape.join(', ')}]`);
  await compiled.dispose();
});

test('a runtime of another name is refused at once', () =>
  expect(() => compile(({ x }: One) => x, { runtime: 'onnxruntime' as 'tfjs' })).toThrow("compile: runtime: expected one of 'onnxruntime-node', 'onnxruntime-web', 'tfjs', got 'onnxruntime'."));

describe('a compiled function', () => {
  test('reads variables and tensors from outside anew before each run', async () => {
    const variable = tf.variable(tf.scalar(2));
    const compiled = compile(({ x }: One) => tf.mul(x, variable));
    expect(await runOnce(compiled)).toEqual([2, 4, 6]);
    variable.assign(tf.scalar(3));
    expect(await runOnce(compiled)).toEqual([3, 6, 9]);
    expect(compiled.compilations).toBe(1);
    await compiled.dispose();
    variable.dispose();
  });

  test('differentiates with respect to a variable from outside', async () => {
    const variable = tf.variable(tf.tensor([1, 2, 3]));
    const compiled = compile(({ x }: One) => tf.variableGrads(() => tf.sum<tf.Scalar>(tf.mul(tf.square(variable), x)), [variable]).grads[variable.name]!);
    expect(await runOnce(compiled)).toEqual([2, 8, 18]);
    await compiled.dispose();
    variable.dispose();
  });

  test('draws the noise of an eager run with the same seed, needed or not', async () => {
    const draw = (noise: Noise) => [noise.normal([2, 2]), tf.mul(noise.uniform([3]), 2), noise.normal([1]), noise.normal([])];
    const compute = (_given: One, noise: Noise) => { const [first, second, , last] = draw(noise); return { first: first!, second: second!, last: last! }; };
    const compiled = compile(compute);
    const x = tf.scalar(0);
    for (const seed of ['one', 'two', 'one']) {
      const found = await compiled.run({ x }, { seed });
      const expected = compute({ x }, seededNoise(createRng(seed)));
      for (const name of ['first', 'second', 'last'] as const) expect(numbers(found[name])).toEqual(numbers(expected[name]));
    }
    await compiled.dispose();
  });

  test('goes on in the stream that it is given', async () => {
    const compiled = compile((_given: Record<string, never>, noise: Noise) => noise.normal([2]));
    const [rng, other] = [createRng('stream'), createRng('stream')];
    for (let run = 0; run < 3; run++) {
      const { values } = await compiled.runOnHost({}, { rng });
      expect(Array.from(values)).toEqual(numbers(seededNoise(other).normal([2])));
    }
    await compiled.dispose();
  });

  test('runs several times at once, each with its own numbers', async () => {
    const compiled = compile(({ x }: One) => tf.sum(tf.matMul(x, x)));
    const inputs = Array.from({ length: 8 }, (_, index) => tf.fill([40, 40], index));
    const results = await Promise.all(inputs.map((x) => compiled.run({ x })));
    expect(results.map((result) => numbers(result)[0])).toEqual(inputs.map((_, index) => 64_000 * index ** 2));
    await compiled.dispose();
  });

  test('gives results that later runs, and changes of the inputs, leave alone', async () => {
    const compiled = compile(({ x }: One) => ({ same: x, moved: tf.reshape(x, [1, 2]), twice: tf.mul(x, 2) }));
    const values = Float32Array.of(1, 2);
    const first = await compiled.runOnHost({ x: hostFloats(values, [2]) });
    values.set([7, 8]);
    await compiled.runOnHost({ x: hostFloats(values, [2]) });
    expect(Object.values(first).map((each) => Array.from(each.values))).toEqual([[1, 2], [1, 2], [2, 4]]);
    await compiled.dispose();
  });

  test('leaks no tensor', () =>
    expectNoLeak(async () => {
      const compiled = compile(({ x }: One) => tf.grad((y: tf.Tensor) => tf.sum(tf.sin(y)))(x));
      for (let run = 0; run < 3; run++) await runOnce(compiled);
      await compiled.dispose();
    }));

  test('keeps a bounded number of programs, and warns once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const compiled = compile(({ x }: One) => tf.mul(x, 2), { name: 'doubling', cacheSize: 2 });
    for (const length of [1, 2, 1, 3, 1, 2, 4, 5, 6, 7]) expect(await runOnce(compiled, tf.ones([length]))).toEqual(Array.from({ length }, () => 2));
    expect(compiled.compilations).toBe(8); // 1, 2, 3, 2 again, 4, 5, 6, 7
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^compile: doubling was compiled 5 times/)]]);
    warn.mockRestore();
    await compiled.dispose();
  });

  test('is another one for other types, and for other forms of the inputs', async () => {
    const compiled = compile((given: Record<string, tf.Tensor>) => tf.addN(Object.values(given).map((x) => tf.cast(x, 'float32'))));
    for (const given of [{ a: tf.scalar(1) }, { b: tf.scalar(2) }, { a: tf.scalar(3, 'int32') }, { a: tf.scalar(4) }]) expect(numbers(await compiled.run(given))).toEqual(numbers(Object.values(given)[0]!));
    expect(compiled.compilations).toBe(3);
    await compiled.dispose();
  });

  test('is of no use once disposed', async () => {
    const compiled = compile(({ x }: One) => x, { name: 'identity' });
    await runOnce(compiled);
    await compiled.dispose();
    await expect(runOnce(compiled)).rejects.toThrow('compile: identity: expected a compiled function that is in use, got one after dispose().');
    await compiled.dispose();
  });

  test('keeps values that are not finite', async () => {
    const compiled = compile(({ x }: One) => tf.div(1, x));
    expect(await runOnce(compiled, tf.tensor([0, NaN, Infinity, -0]))).toEqual([Infinity, NaN, 0, -Infinity]);
    await compiled.dispose();
  });
});

describe('where no runtime is installed', () => {
  afterEach(() => {
    vi.doUnmock('../../src/onnx/onnxruntime-node');
    vi.resetModules();
    vi.restoreAllMocks();
  });

  test('functions run uncompiled, which is said once; a runtime that is named must be there', async () => {
    vi.resetModules();
    vi.doMock('../../src/onnx/onnxruntime-node', () => ({ importFromProgram: () => Promise.reject(new Error('not there')) }));
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { compile: compileWithout } = await import('../../src/engine/compile');
    for (let each = 0; each < 2; each++)
      expect(await runOnce(compileWithout(({ x }: One, noise: Noise) => tf.add(tf.mul(x, 2), tf.mul(noise.normal([3]), 0))))).toEqual([2, 4, 6]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/npm install onnxruntime-node.*runs uncompiled/)]]);
    await expect(runOnce(compileWithout(({ x }: One) => x, { runtime: 'onnxruntime-node' }))).rejects.toThrow('npm install onnxruntime-node');
  });
});
