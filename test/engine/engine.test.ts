import * as tf from '@tensorflow/tfjs';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadTensorflow, probeTensorflow } from '../../src/engine/tensorflow-node';
import { describeEngine, useEngine } from '../../src/engine/use-engine';
import { runProgram } from '../helpers/program';

describe('useEngine', () => {
  test('a named back-end is used, and described', async () => {
    await tf.setBackend('cpu');
    const { name, reason, text, version, threads } = await useEngine('wasm');
    expect([name, version, threads]).toEqual(['wasm', tf.version.tfjs, 1]);
    expect(text).toBe(`Engine: wasm (TensorFlow.js ${tf.version.tfjs}), because ${reason}.`);
    expect(tf.getBackend()).toBe('wasm');
  });

  test('a back-end that the user set stays, and is described as such', async () => {
    await tf.setBackend('cpu');
    expect(await useEngine()).toMatchObject({ name: 'cpu', reason: 'TensorFlow.js was using it already' });
    expect(describeEngine().name).toBe('cpu');
    await tf.setBackend('wasm');
  });

  test('a named one that is missing is an error with the remedy, never another back-end', async () => {
    await tf.setBackend('cpu');
    await expect(useEngine('tensorflow')).rejects.toThrow(
      'useEngine: expected the tensorflow back-end to start, got: @tensorflow/tfjs-node is not installed; install it with `npm install @tensorflow/tfjs-node`',
    );
    await expect(useEngine('webgl')).rejects.toThrow('it needs a browser with WebGL; in Node use wasm');
    expect(tf.getBackend()).toBe('cpu');
    await tf.setBackend('wasm');
  });

  test('a back-end of a second copy of tfjs is told apart', async () => {
    tf.registerBackend('webgpu', () => ({ floatPrecision: () => 32, epsilon: () => 1e-7, dispose: () => undefined }) as unknown as tf.KernelBackend);
    await expect(useEngine('webgpu')).rejects.toThrow('second copy of TensorFlow.js, whose tensors are not ours: see `npm ls @tensorflow/tfjs-core`');
    expect(tf.getBackend()).toBe('wasm');
    tf.removeBackend('webgpu');
  });

  test('one that fails to start is refused every time, and the one in use stays', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined); // tfjs itself says that it failed
    tf.registerBackend('webgl', () => Promise.reject(new Error('no canvas here')));
    try {
      for (let time = 0; time < 2; time++) {
        await expect(useEngine('webgl')).rejects.toThrow('expected the webgl back-end to start, got: it did not start');
        expect(describeEngine().name).toBe('wasm');
        expect(tf.tidy(() => tf.ones([2]).sum().arraySync())).toBe(2);
      }
    } finally {
      tf.removeBackend('webgl');
      warn.mockRestore();
    }
  });

  test('wasm leaves uncaught errors and rejections to the program', async () => {
    const { stdout, stderr } = await runProgram(`
      import { useEngine } from 'hypermeta';
      const starting = useEngine('wasm');
      process.on('unhandledRejection', (reason) => console.log('mine:', reason));
      await starting;
      void Promise.reject('forgotten');
      setTimeout(() => { throw new Error('thrown later'); }, 20);
    `);
    expect(stdout).toBe('mine: forgotten\n');
    expect(stderr).toContain('Error: thrown later');
    expect(stderr).not.toContain('throw ex');
  });

  test('an unknown name lists the known ones', async () => {
    await expect(useEngine('cuda')).rejects.toThrow(
      "useEngine: expected one of 'tensorflow', 'wasm', 'cpu', 'webgl', 'webgpu', got 'cuda'.",
    );
  });
});

describe('a program of its own', () => {
  test('chooses wasm without tfjs-node, says why, and prints nothing of its own', async () => {
    const { stdout, stderr } = await runProgram(`import { useEngine, describeEngine } from 'hypermeta';
      try { describeEngine() } catch (error) { console.log(error.message) }
      await useEngine(); console.log(describeEngine().text)`);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'describeEngine: expected an engine in use, got none yet; await useEngine() or metaTrainer() first.',
      `Engine: wasm (TensorFlow.js ${tf.version.tfjs}), because @tensorflow/tfjs-node is not installed.`,
    ]);
  }, 60_000);

  test('on cpu, tfjs does not advertise', async () => {
    const printed = await runProgram(`import { useEngine } from 'hypermeta'; import * as tf from '@tensorflow/tfjs';
      await useEngine('cpu'); tf.ones([2]).sum().dataSync(); console.log('done')`);
    expect(printed).toEqual({ stdout: 'done\n', stderr: '' });
  }, 60_000);
});

describe('what may come in between', () => {
  test('a tensor made before an engine is chosen does not bring the advertisement', async () => {
    const printed = await runProgram(`import { useEngine } from 'hypermeta'; import * as tf from '@tensorflow/tfjs';
      tf.ones([2]).sum().dataSync(); console.log((await useEngine()).reason)`);
    expect(printed).toEqual({ stdout: 'TensorFlow.js was using it already\n', stderr: '' });
  }, 60_000);

  test('a second copy of TensorFlow.js does not undo the mended gradients, and is named', async () => {
    const { stdout } = await runProgram(`import { checkDerivatives, useEngine } from 'hypermeta'; import * as tf from '@tensorflow/tfjs';
      import { createRequire } from 'node:module';
      const isRight = () => checkDerivatives((x) => tf.tanh(x).square(), [[3, 4]]).passed;
      await useEngine('cpu'); console.log(isRight());
      const again = createRequire(import.meta.url);
      for (const path of Object.keys(again.cache)) delete again.cache[path];
      again('@tensorflow/tfjs'); console.log(isRight());
      const { text } = await useEngine('cpu'); console.log(isRight()); console.log(text)`);
    expect(stdout.trim().split('\n')).toEqual([
      'true',
      'false',
      'true',
      `Engine: cpu (TensorFlow.js ${tf.version.tfjs}), because it was asked for. Two copies of TensorFlow.js are loaded: see \`npm ls @tensorflow/tfjs-core\`, then run \`npm dedupe\`.`,
    ]);
  }, 60_000);
});

describe('tfjs-node', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hypermeta-engine-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const computing = 'exports.ones = () => ({}); exports.add = () => ({ dataSync: () => [2, 2] });';

  /** A package of that name that does this when it is loaded. */
  function install(code: string, name = '@tensorflow/tfjs-node'): void {
    const place = join(folder, 'node_modules', name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    writeFileSync(join(place, 'index.js'), code);
  }

  test('absent, it is said to be absent', () =>
    expect(probeTensorflow([folder])).toEqual({ outcome: '@tensorflow/tfjs-node is not installed' }));

  test('without its native part, the reason is one line', () => {
    install(`throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found\\nat path …")`);
    expect(probeTensorflow([folder])).toEqual({
      outcome: '@tensorflow/tfjs-node cannot load its native library: The Node.js native addon module (tfjs_binding.node) can not be found',
    });
  });

  test('one that ends the process is survived', () => {
    install('process.abort()');
    expect(probeTensorflow([folder]).outcome).toMatch(/^@tensorflow\/tfjs-node ends the process that loads it \(SIGABRT\) on Node \d+/);
  });

  test('one that loads but cannot compute, as on Node 23 and later, is not chosen', () => {
    install('exports.ones = () => ({}); exports.add = () => { throw new TypeError("isNullOrUndefined is not a function") }');
    expect(probeTensorflow([folder]).outcome).toBe(
      `@tensorflow/tfjs-node loads but cannot compute on Node ${process.versions.node}: isNullOrUndefined is not a function`,
    );
  });

  test('it is found beside the program, wherever the program was started', () => {
    install(computing);
    expect(probeTensorflow([tmpdir(), folder]).outcome).toBe('works');
  });

  test('one that works is found and loaded; the GPU package comes first', () => {
    install('throw new Error("not this one")');
    install(`globalThis.loadedForTest = true; ${computing}`, '@tensorflow/tfjs-node-gpu');
    const { path, outcome } = probeTensorflow([folder]);
    expect(outcome).toBe('works');
    loadTensorflow(path!);
    expect((globalThis as { loadedForTest?: boolean }).loadedForTest).toBe(true);
  });
});
