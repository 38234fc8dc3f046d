import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { graphBuilder } from '../../src/graph/graph';
import { lower } from '../../src/onnx/lower';
import { loadRuntime, useOnnxruntime, type OnnxruntimeModule } from '../../src/onnx/onnxruntime';
import { importFromProgram } from '../../src/onnx/onnxruntime-node';
import { runtimes } from '../helpers/lowered';

describe.each(runtimes)('%s', (name) => {
  const { input, node } = graphBuilder();
  const inputs = [input([2], 'float32'), input([2], 'bool')];
  const model = lower({
    inputs,
    outputs: [node('Neg', [inputs[0]!], {}, [2]), node('LogicalNot', [inputs[1]!], {}, [2], 'bool'), node('Cast', [inputs[0]!], {}, [2], 'int32')],
  });
  const feeds = { input0: Float32Array.of(1, 2), input1: Uint8Array.of(1, 0) };

  test('knows its name and version, and is loaded once', async () => {
    const runtime = await loadRuntime(name);
    expect(runtime.name).toBe(name);
    expect(runtime.version).toMatch(/^\d+\.\d+/);
    expect(await loadRuntime(name)).toBe(runtime);
  });

  test('gives floats, booleans as bytes, and whole numbers', async () => {
    const session = await (await loadRuntime(name)).open(model);
    expect(await session.run(feeds)).toEqual({ output0: Float32Array.of(-1, -2), output1: Uint8Array.of(0, 1), output2: Int32Array.of(1, 2) });
    await session.release();
  });

  test('reads an array anew at every run, and fills those that it is given', async () => {
    const session = await (await loadRuntime(name)).open(model);
    const into = { output0: new Float32Array(2), output1: new Uint8Array(2) };
    await session.run(feeds, into);
    const changed = { ...feeds, input0: Float32Array.of(7, 8) };
    await session.run(changed, into);
    changed.input0[0] = 9;
    const outputs = await session.run(changed, into);
    expect(outputs['output0']).toBe(into.output0);
    expect(outputs['output1']).toBe(into.output1);
    expect(outputs).toEqual({ output0: Float32Array.of(-9, -8), output1: Uint8Array.of(0, 1), output2: Int32Array.of(9, 8) });
    await session.release();
  });

  test('fills an array where nothing is computed: an input, a constant, an input of another shape', async () => {
    const { input, node, constant } = graphBuilder();
    const x = input([2], 'float32');
    const outputs = [x, constant(Float32Array.of(5, 6), [2]), node('Reshape', [x], {}, [1, 2]), node('Reshape', [x], {}, [1, 2])];
    const session = await (await loadRuntime(name)).open(lower({ inputs: [x], outputs }));
    const into = Object.fromEntries(outputs.map((_, i) => [`output${i}`, new Float32Array(2)]));
    const given = await session.run({ input0: Float32Array.of(1, 2) }, into);
    expect(Object.values(given).map((values) => Array.from(values))).toEqual([[1, 2], [5, 6], [1, 2], [1, 2]]);
    for (const output of Object.keys(into)) expect(given[output]).toBe(into[output]);
    await session.release();
  });

  test('takes a part of a larger array', async () => {
    const session = await (await loadRuntime(name)).open(model);
    const output0 = new Float32Array(4);
    const part = Float32Array.of(0, 0, 3, 4).subarray(2);
    await session.run({ ...feeds, input0: part }, { output0: output0.subarray(1, 3) });
    expect(output0).toEqual(Float32Array.of(0, -3, -4, 0));
    await session.release();
  });

  test('has several models opened, run and released at once, each with its own numbers', async () => {
    const runtime = await loadRuntime(name);
    const counts = [1, 9, 2, 7, 3, 8]; // of inputs: sums of more take more room
    const sums = await Promise.all(counts.map((count) => runtime.open(sumOf(count))));
    const run = async (index: number, from: number) =>
      (await sums[index]!.run(Object.fromEntries(Array.from({ length: counts[index]! }, (_, at) => [`input${at}`, Float32Array.of(from, at)]))))['output0'];
    const expected = (count: number, from: number) => Float32Array.of(count * from, (count * (count - 1)) / 2);
    for (let round = 0; round < 5; round++)
      expect(await Promise.all(counts.map((_, index) => run(index, round)))).toEqual(counts.map((count) => expected(count, round)));
    await Promise.all(sums.map((session) => session.release()));
  });

  test('goes on with the others where one fails to open or to run', async () => {
    const runtime = await loadRuntime(name);
    const broken = { ...sumOf(1), bytes: Uint8Array.of(1, 2, 3) };
    const [unopened, picking, sum] = await Promise.allSettled([runtime.open(broken), runtime.open(pick()), runtime.open(sumOf(1))]);
    const [failed, made] = await Promise.allSettled([valueOf(picking).run({ input0: Int32Array.of(9) }), valueOf(sum).run({ input0: Float32Array.of(1, 2) })]);
    expect([unopened.status, failed.status, valueOf(made)]).toEqual(['rejected', 'rejected', { output0: Float32Array.of(1, 2) }]);
    await Promise.all([picking, sum].map((session) => valueOf(session).release()));
  });

  test('refuses a run without an input', async () => {
    const session = await (await loadRuntime(name)).open(model);
    await expect(session.run({ input1: feeds.input1 })).rejects.toThrow('Internal: expected values for input0, got none.');
    await session.release();
  });
});

function valueOf<Value>(settled: PromiseSettledResult<Value>): Value {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** The sum of so many inputs `[2]`. */
function sumOf(count: number) {
  const { input, node } = graphBuilder();
  const inputs = Array.from({ length: count }, () => input([2], 'float32'));
  return lower({ inputs, outputs: [inputs.reduce((sum, next) => node('Add', [sum, next], {}, [2]))] });
}

/** One of two numbers, by its place. */
function pick() {
  const { input, node, constant } = graphBuilder();
  const place = input([1], 'int32');
  return lower({ inputs: [place], outputs: [node('GatherV2', [constant(Float32Array.of(5, 6), [2]), place], { axis: 0 }, [1])] });
}

test('onnxruntime-node comes first in Node', async () => expect((await loadRuntime()).name).toBe('onnxruntime-node'));

describe('where no runtime is installed', () => {
  const tried: string[] = [];

  afterEach(() => {
    vi.doUnmock('../../src/onnx/onnxruntime-node');
    vi.resetModules();
  });

  test('says what was tried, why it failed, and what to install; and tries once', async () => {
    vi.resetModules();
    vi.doMock('../../src/onnx/onnxruntime-node', () => ({
      importFromProgram(name: string) {
        tried.push(name);
        return Promise.reject(new Error(`Cannot find package '${name}'\nand more`));
      },
    }));
    const { loadRuntime: load } = await import('../../src/onnx/onnxruntime');
    const refusal =
      'compile: expected a package that runs compiled steps, got none (onnxruntime-node: Cannot find package ' +
      "'onnxruntime-node'; onnxruntime-web: Cannot find package 'onnxruntime-web'); install one with `npm install onnxruntime-node`.";
    await expect(load()).rejects.toMatchObject({ name: 'EngineError', message: refusal });
    await expect(load()).rejects.toThrow(refusal);
    await expect(load('onnxruntime-web')).rejects.toThrow('`npm install onnxruntime-web`');
    expect(tried).toEqual(['onnxruntime-node', 'onnxruntime-web']);
  });
});

describe('a package of the program', () => {
  test("is found in the program's folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hypermeta-'));
    const place = join(folder, 'node_modules', 'hypermeta-of-the-program');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'index.js'), 'module.exports = { answer: 42 };');
    expect(await importFromProgram('hypermeta-of-the-program', [folder])).toEqual({ answer: 42 });
    rmSync(folder, { recursive: true });
  });

  test('that is nowhere is refused', () => expect(importFromProgram('hypermeta-nowhere')).rejects.toThrow('hypermeta-nowhere'));
});

describe('useOnnxruntime', () => {
  test('makes a given module the runtime that is used from then on', async () => {
    const module = (await importFromProgram('onnxruntime-web')) as OnnxruntimeModule & { readonly default?: OnnxruntimeModule };
    useOnnxruntime(module.default ?? module);
    const runtime = await loadRuntime('onnxruntime-web');
    expect([runtime.name, await loadRuntime('onnxruntime-web')]).toEqual(['onnxruntime-web', runtime]);
    const { input, node } = graphBuilder();
    const x = input([2], 'float32');
    const session = await runtime.open(lower({ inputs: [x], outputs: [node('Neg', [x], {}, [2])] }));
    expect(await session.run({ input0: Float32Array.of(1, -2) })).toEqual({ output0: Float32Array.of(-1, 2) });
    await session.release();
  });

  test('refuses what is no onnxruntime, and a provider that there is not', () => {
    expect(() => useOnnxruntime({} as OnnxruntimeModule)).toThrow('useOnnxruntime: expected the module onnxruntime-web, got something else; import it with');
    const module = { InferenceSession: { create: () => undefined }, Tensor: Object, env: {} };
    expect(() => useOnnxruntime(module, { provider: 'cuda' as 'wasm' })).toThrow('useOnnxruntime: provider: expected');
  });
});
