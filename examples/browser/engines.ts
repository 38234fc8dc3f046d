import { neg, type Tensor } from '@tensorflow/tfjs';
import { compile, describeEngine, useEngine, useOnnxruntime, type RuntimeName } from 'hypermeta';
import type { EngineChoice } from './engine-choices';

/** What computes. */
export interface EngineInUse {
  readonly choice: Exclude<EngineChoice, 'automatic'>;
  /** For people. */
  readonly text: string;
  readonly runtime: RuntimeName;
}

/** Where the wasm files of TensorFlow.js are, beside the page. */
const tfjsFiles = 'engines/';

type Starter = (base: string) => Promise<EngineInUse>;

const starters: Readonly<Record<EngineInUse['choice'], Starter>> = {
  async 'onnxruntime-wasm'() {
    const onnxruntime = await import('onnxruntime-web/wasm');
    useOnnxruntime(onnxruntime);
    await tryOut();
    return { choice: 'onnxruntime-wasm', runtime: 'onnxruntime-web', text: `onnxruntime-web ${onnxruntime.env.versions.web}, wasm on one thread` };
  },
  async 'onnxruntime-webgpu'() {
    if (!(await hasWebGpu())) throw new Error('expected a browser with WebGPU, got one without.');
    const onnxruntime = await import('onnxruntime-web/webgpu');
    useOnnxruntime(onnxruntime, { provider: 'webgpu' });
    await tryOut();
    return { choice: 'onnxruntime-webgpu', runtime: 'onnxruntime-web', text: `onnxruntime-web ${onnxruntime.env.versions.web}, WebGPU` };
  },
  async 'tfjs-wasm'(base) {
    await useEngine('wasm', { wasmPaths: new URL(tfjsFiles, base).href });
    return { choice: 'tfjs-wasm', runtime: 'tfjs', text: `TensorFlow.js ${describeEngine().version}, wasm, not compiled` };
  },
  async 'tfjs-webgl'() {
    await useEngine('webgl');
    return { choice: 'tfjs-webgl', runtime: 'tfjs', text: `TensorFlow.js ${describeEngine().version}, WebGL, not compiled` };
  },
};

/** Small steps are faster on wasm than on a graphics card, so that WebGPU is there to be chosen. */
const order = ['onnxruntime-wasm', 'tfjs-wasm', 'tfjs-webgl'] as const;

/** Starts the engine that is chosen, or the first that works. `base` is the address of the page. @throws Error where none does */
export async function startEngine(choice: EngineChoice, base: string): Promise<EngineInUse> {
  const failures: string[] = [];
  for (const candidate of choice === 'automatic' ? order : [choice])
    try {
      return await starters[candidate](base);
    } catch (error) {
      failures.push(`${candidate}: ${error instanceof Error ? error.message : String(error)}`);
    }
  throw new Error(`engine: ${failures.join(' ')}`);
}

/** Compiles and runs the least there is. @throws Error where onnxruntime's wasm cannot be had, or does not start */
async function tryOut(): Promise<void> {
  await useEngine('cpu'); // holds constants while steps are traced
  const least = compile((x: Tensor) => neg(x), { name: 'a first step', runtime: 'onnxruntime-web' });
  await least.runOnHost({ values: Float32Array.of(1), shape: [1], dtype: 'float32' });
  await least.dispose();
}

/** Whether there is a graphics card that WebGPU can use. */
export async function hasWebGpu(): Promise<boolean> {
  const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<unknown> } };
  return Boolean(await gpu?.requestAdapter());
}
