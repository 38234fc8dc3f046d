import { afterEach, describe, expect, test, vi } from 'vitest';
import { hostFloats, type HostFloats } from '../../src/core/host-tensor';
import { createRng } from '../../src/core/rng';
import { sizeOf } from '../../src/core/shape';
import type { HostExamples } from '../../src/core/task';
import { graphBuilder } from '../../src/graph/graph';
import { lower } from '../../src/onnx/lower';
import { loadRuntime } from '../../src/onnx/onnxruntime';
import { openOnWorkers } from '../../src/onnx/workers-node';
import { maml } from '../../src/learners/maml';
import { outerSteps } from '../../src/meta/outer-steps';
import { unrolled } from '../../src/meta/unrolled';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { globalAveragePool } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { adam } from '../../src/optim/adam';
import { sgd } from '../../src/optim/sgd';
import { classification } from '../../src/tasks/objectives';
import { runProgram } from '../helpers/program';

const { Worker } = process.getBuiltinModule('node:worker_threads');
const runtime = await loadRuntime('onnxruntime-node');

afterEach(() => {
  vi.restoreAllMocks();
});

/** difference = left - right, and whether left is not set. */
function subtraction() {
  const { input, node } = graphBuilder();
  const inputs = [input([2], 'float32'), input([2], 'float32'), input([2], 'bool')];
  return lower({ inputs, outputs: [node('Sub', inputs.slice(0, 2), {}, [2]), node('LogicalNot', [inputs[2]!], {}, [2], 'bool')] });
}

const set = Uint8Array.of(1, 0);
const feedsOf = (left: Float32Array, right: Float32Array) => ({ input0: left, input1: right, input2: set });

describe.each([1, 2, 3])('a model on %i threads', (threads) => {
  test('gives each of many runs at a time what belongs to it', async () => {
    const session = await runtime.open(subtraction(), { threads });
    const right = Float32Array.of(1, 2);
    const runs = Array.from({ length: 20 }, (_, run) => session.run(feedsOf(Float32Array.of(run, run), right)));
    const results = await Promise.all(runs);
    expect(results).toEqual(results.map((_, run) => ({ output0: Float32Array.of(run - 1, run - 2), output1: Uint8Array.of(0, 1) })));
    await session.release();
  });

  test('reads arrays anew, also those that several runs share, and leaves them as they are', async () => {
    const session = await runtime.open(subtraction(), { threads });
    const [left, right] = [Float32Array.of(0, 0), Float32Array.of(1, 1)];
    for (let step = 0; step < 4; step++) {
      left.fill(step);
      const results = await Promise.all(Array.from({ length: 5 }, () => session.run(feedsOf(left, right))));
      for (const { output0 } of results) expect(output0).toEqual(Float32Array.of(step - 1, step - 1));
      expect([left, right]).toEqual([Float32Array.of(step, step), Float32Array.of(1, 1)]);
    }
    await session.release();
  });

  test('takes parts of arrays, and fills those that it is given', async () => {
    const session = await runtime.open(subtraction(), { threads });
    const [all, into] = [Float32Array.of(1, 2, 3, 4), new Float32Array(4)];
    const target = into.subarray(1, 3);
    const { output0 } = await session.run(feedsOf(all.subarray(2), all.subarray(0, 2)), { output0: target });
    expect(output0).toBe(target);
    expect(into).toEqual(Float32Array.of(0, 2, 2, 0));
    await session.release();
  });

  test('keeps numbers below 1e-38', async () => {
    const session = await runtime.open(subtraction(), { threads });
    const runs = Array.from({ length: 6 }, () => session.run(feedsOf(Float32Array.of(3e-39, 1), Float32Array.of(1e-39, 0))));
    for (const { output0 } of await Promise.all(runs)) expect(output0).toEqual(Float32Array.of(Math.fround(3e-39) - Math.fround(1e-39), 1));
    await session.release();
  });

  test('refuses a run without an input, and goes on', async () => {
    const session = await runtime.open(subtraction(), { threads });
    const { input0, ...rest } = feedsOf(Float32Array.of(5, 5), Float32Array.of(1, 2));
    await expect(session.run(rest)).rejects.toThrow('Internal: expected values for input0, got none.');
    expect((await session.run({ input0, ...rest }))['output0']).toEqual(Float32Array.of(4, 3));
    await session.release();
  });
});

describe('worker threads', () => {
  test('refuse an array of another size', async () => {
    const session = await runtime.open(subtraction(), { threads: 2 });
    await expect(session.run(feedsOf(Float32Array.of(1), Float32Array.of(1, 2)))).rejects.toThrow('Internal: expected 2 values for input0, got 1.');
    await session.release();
  });

  test('are refused by onnxruntime-web', async () => {
    await expect((await loadRuntime('onnxruntime-web')).open(subtraction(), { threads: 2 })).rejects.toMatchObject({
      name: 'EngineError',
      message: 'compile: threads: expected 1 with onnxruntime-web, got 2; install onnxruntime-node for more, which needs Node.',
    });
  });

  test('finish the runs that wait before they are released, and take none after that', async () => {
    const session = await runtime.open(subtraction(), { threads: 2 });
    const runs = Array.from({ length: 9 }, () => session.run(feedsOf(Float32Array.of(3, 3), Float32Array.of(1, 2))));
    const released = session.release();
    await expect(session.run(feedsOf(Float32Array.of(3, 3), Float32Array.of(1, 2)))).rejects.toThrow('got one after release()');
    for (const { output0 } of await Promise.all(runs)) expect(output0).toEqual(Float32Array.of(2, 1));
    await released;
    await session.release();
  });

  test('end when they are released', async () => {
    const end = vi.spyOn(Worker.prototype, 'terminate');
    const session = await runtime.open(subtraction(), { threads: 3 });
    await session.release();
    expect(end).toHaveBeenCalledTimes(3);
    for (const worker of end.mock.contexts) expect((worker as { threadId: number }).threadId).toBe(-1); // none
  });

  test('that die fail the runs that wait, and those to come', async () => {
    const session = await runtime.open(subtraction(), { threads: 2 });
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: InstanceType<typeof Worker>) {
      void this.terminate();
    });
    const run = () => session.run(feedsOf(Float32Array.of(3, 3), Float32Array.of(1, 2)));
    const death = { name: 'EngineError', message: 'compile: expected a worker thread to go on, but it ended: exit code 1.' };
    for (const result of await Promise.allSettled([run(), run(), run(), run()])) expect(result).toMatchObject({ status: 'rejected', reason: death });
    await expect(run()).rejects.toMatchObject(death);
    await session.release();
  });

  test('that cannot start are refused, and none stays', async () => {
    const end = vi.spyOn(Worker.prototype, 'terminate');
    const onnxruntime = (await import('onnxruntime-node')) as object;
    await expect(openOnWorkers(subtraction(), onnxruntime, { executionProviders: ['nowhere'] }, 2)).rejects.toMatchObject({
      name: 'EngineError',
      message: expect.stringMatching(/^compile: a worker thread failed: .*nowhere/) as string,
    });
    expect(new Set(end.mock.contexts).size).toBe(2);
  });

  test('need the package in a file', () =>
    expect(openOnWorkers(subtraction(), {}, {}, 2)).rejects.toThrow('expected onnxruntime-node in a file of its own, got it bundled'));
});

/** `run` takes the difference of a shared array and a new one, of 1 MB each, to a power. */
const opening = (power = 1) => `
  import { graphBuilder } from './src/graph/graph';
  import { lower } from './src/onnx/lower';
  import { loadRuntime } from './src/onnx/onnxruntime';
  const shape = [1, 512, 512];
  const size = 512 * 512;
  const { input, node } = graphBuilder();
  const inputs = [input(shape, 'float32'), input(shape, 'float32')];
  const difference = node('Sub', inputs, {}, shape);
  let output = difference;
  for (let power = 1; power < ${power}; power++)
    output = node('BatchMatMul', [output, difference], { transposeA: false, transposeB: false }, shape);
  const runtime = await loadRuntime('onnxruntime-node');
  const session = await runtime.open(lower({ inputs, outputs: [output] }), { threads: 2 });
  const shared = new Float32Array(size);
  const run = () => session.run({ input0: shared, input1: new Float32Array(size).fill(1) });
`;

describe('a program with worker threads', () => {
  test('ends when nothing waits, and not before', async () => {
    const { stdout, stderr, failure } = await runProgram(`${opening()} void Promise.all([run(), run(), run()]).then((results) => console.log(results.length));`);
    expect({ stdout, stderr, failure }).toEqual({ stdout: '3\n', stderr: '', failure: undefined });
  });

  test('may exit during a run', async () => {
    const { stderr, failure } = await runProgram(`${opening(60)} void Promise.race([run(), run(), run()]).then(() => process.exit());`);
    expect({ stderr, failure }).toEqual({ stderr: '', failure: undefined });
  });

  test('keeps its memory: 1,000 runs of 3 MB', async () => {
    const { stdout, failure } = await runProgram(`${opening()}
      const rounds = async (count: number) => { for (let round = 0; round < count; round++) await Promise.all([run(), run(), run(), run()]); };
      await rounds(50);
      const before = process.memoryUsage().rss;
      await rounds(250);
      console.log((process.memoryUsage().rss - before) / 1e6);`);
    expect(failure).toBeUndefined();
    expect(Number(stdout)).toBeLessThan(150);
  });
});

const [tasks, ways, size, queryImages] = [4, 3, 32, 72];

test('a meta-step has the same numbers, to the bit, on any number of threads', async () => {
  const sent = vi.spyOn(Worker.prototype, 'postMessage');
  const expected = await stepsOn(1);
  expect(sent).not.toHaveBeenCalled();
  for (const threads of [2, 3]) {
    sent.mockClear();
    expect(await stepsOn(threads)).toEqual(expected);
    const runs = sent.mock.calls.filter(([question]) => (question as { work: string }).work === 'run');
    expect(runs.length).toBe(2 * tasks); // two steps, one run a task
  }
});

/** The losses of two steps and the meta-parameters after them; a task's largest tensor has 72 · 32 · 32 · 8 values. */
async function stepsOn(threads: number) {
  const base = sequential([size, size, 1], [conv2d(8, 3, { bias: 'none' }), batchNorm({ statistics: 'batch' }), activation('relu'), globalAveragePool(), dense(ways)]);
  const inner = { steps: 1, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: classification.loss } as const;
  const steps = outerSteps(maml(base), { metaGradient: unrolled(), optimizer: adam(), inner, threads }, createRng('start'));
  const batch = { support: examples(3, 'support'), query: examples(queryImages, 'query') };
  const metrics = [await steps.take(batch, { step: 0, learningRate: 0.01 }, createRng('first')), await steps.take(batch, { step: 1, learningRate: 0.01 }, createRng('second'))];
  await steps.dispose();
  return { metrics, meta: steps.meta };
}

function examples(count: number, seed: string): HostExamples {
  const rng = createRng(seed);
  const floats = (shape: readonly number[], valueAt: (index: number) => number): HostFloats =>
    hostFloats(Float32Array.from({ length: sizeOf(shape) }, (_, index) => valueAt(index)), shape);
  return {
    x: floats([tasks, count, size, size, 1], () => rng.uniform()),
    y: floats([tasks, count, ways], (index) => (Math.floor(index / ways) % ways === index % ways ? 1 : 0)),
    weight: floats([tasks, count], () => 1),
  };
}
