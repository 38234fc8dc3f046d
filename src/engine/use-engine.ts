import * as tf from '@tensorflow/tfjs';
import { EngineError, expectOneOf } from '../core/errors';
import { repairGradients } from '../ops/gradient-repair';
import { engineNames, type EngineAttempt, type EngineDescription, type EngineName } from './engine';
import { loadTensorflow, probeTensorflow, type TensorflowProbe } from './tensorflow-node';
import { withoutWasmListeners } from './wasm-listeners';

const inNode = typeof process !== 'undefined' && typeof process.versions?.node === 'string';

/** From the fastest to the slowest. */
const preferences: readonly EngineName[] = inNode ? ['tensorflow', 'wasm', 'cpu'] : ['webgl', 'wasm', 'cpu'];

const remedies: Readonly<Record<EngineName, string>> = {
  tensorflow: 'install it with `npm install @tensorflow/tfjs-node`, or name another engine',
  wasm: 'in a browser, say where its files are: `useEngine("wasm", { wasmPaths })`',
  cpu: 'it is part of @tensorflow/tfjs, so the installation is broken: `npm install @tensorflow/tfjs`',
  webgl: 'it needs a browser with WebGL; in Node use wasm',
  webgpu: 'it needs a browser with WebGPU and `npm install @tensorflow/tfjs-backend-webgpu`, imported before this call',
};

export interface EngineOptions {
  /** Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are served: browsers only. */
  readonly wasmPaths?: string;
}

/** A back-end of another copy of tfjs-core is no instance of this one's class. */
const twoCopies =
  'it belongs to a second copy of TensorFlow.js, whose tensors are not ours: see `npm ls @tensorflow/tfjs-core`, then run `npm dedupe`';

/** A gradient that the library leaves alone: a copy of tfjs-core that is loaded later registers its own. */
const identityGradient = tf.getGradient('Identity');

let current: EngineDescription | undefined;
let probed: TensorflowProbe | undefined;

/**
 * Chooses what computes: the named back-end, or else the first that works of `tensorflow` (tfjs-node), `wasm` and `cpu`
 * in Node, of `webgl`, `wasm` and `cpu` in a browser. A back-end that is in use already, chosen here or by
 * `tf.setBackend`, stays unless another is named. Cheap to call again. Second derivatives are mended again if another
 * copy of TensorFlow.js, loaded since, undid that.
 *
 * @throws EngineError if the named back-end cannot be used (there is no silent fallback, and the one in use stays),
 * RangeError for an unknown name
 */
export async function useEngine(name?: string, options: EngineOptions = {}): Promise<EngineDescription> {
  repairGradients();
  if (name !== undefined) expectOneOf('useEngine', name, engineNames);
  const inUse = describeInUse(name);
  if (inUse) return (current = inUse);
  const before = nameInUse();
  const tried: EngineAttempt[] = [];
  for (const candidate of name === undefined ? preferences : [name as EngineName]) {
    const failure = await start(candidate, options);
    tried.push({ name: candidate, outcome: failure ?? 'works' });
    if (failure === undefined) return (current = describe(candidate, reasonFor(name, tried), tried, await threadsOf(candidate)));
  }
  await putBack(before);
  const { name: wanted, outcome } = tried.at(-1)!; // at least one was tried
  throw new EngineError(`useEngine: expected the ${wanted} back-end to start, got: ${outcome}; ${remedies[wanted]}.`);
}

/** Which back-end computes and why. @throws EngineError before the first `useEngine` or meta-trainer */
export function describeEngine(): EngineDescription {
  const inUse = describeInUse(undefined);
  if (!inUse) throw new EngineError('describeEngine: expected an engine in use, got none yet; await useEngine() or metaTrainer() first.');
  return inUse;
}

/** The back-end in use, where that is what is asked for. */
function describeInUse(name: string | undefined): EngineDescription | undefined {
  const chosen = nameInUse();
  if (chosen === undefined || (name !== undefined && name !== chosen)) return undefined;
  if (current?.name !== chosen) return describe(chosen, 'TensorFlow.js was using it already', []);
  return describe(chosen, current.reason, current.tried, current.threads);
}

function nameInUse(): string | undefined {
  return tf.engine().backendName || undefined; // empty or undefined where none is
}

/** tfjs keeps the name of a back-end that did not start. */
async function putBack(before: string | undefined): Promise<void> {
  if (before === undefined) tf.engine().backendName = '';
  else await tf.setBackend(before);
}

/** Why a back-end cannot be used, or undefined where it now is in use. */
async function start(name: EngineName, { wasmPaths }: EngineOptions): Promise<string | undefined> {
  try {
    if (name === 'tensorflow') {
      if (!inNode) return 'it runs in Node only';
      probed ??= probeTensorflow();
      if (probed.path === undefined) return probed.outcome;
      loadTensorflow(probed.path);
    }
    if (name === 'wasm') {
      const wasm = await import('@tensorflow/tfjs-backend-wasm'); // registers itself
      if (wasmPaths !== undefined) wasm.setWasmPaths(wasmPaths);
    }
    if (!tf.findBackendFactory(name)) return `no back-end of that name is registered`;
    if (!(await withoutWasmListeners(() => tf.setBackend(name)))) return 'it did not start';
    return tf.backend() instanceof tf.KernelBackend ? undefined : twoCopies;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

function reasonFor(name: string | undefined, tried: readonly EngineAttempt[]): string {
  if (name !== undefined) return 'it was asked for';
  const failed = tried.slice(0, -1).map(({ outcome }) => outcome);
  return failed.length === 0 ? 'it is the fastest there is' : failed.join(', and ');
}

async function threadsOf(name: EngineName): Promise<number | undefined> {
  return name === 'wasm' ? (await import('@tensorflow/tfjs-backend-wasm')).getThreadsCount() : undefined;
}

function describe(name: string, reason: string, tried: readonly EngineAttempt[], threads?: number): EngineDescription {
  const version = tf.version.tfjs;
  const warning = hasSecondCopy() ? ' Two copies of TensorFlow.js are loaded: see `npm ls @tensorflow/tfjs-core`, then run `npm dedupe`.' : '';
  const text = `Engine: ${name} (TensorFlow.js ${version}), because ${reason}.${warning}`;
  return { name, reason, tried, version, ...(threads !== undefined && { threads }), text };
}

/** Copies of tfjs share one engine, one environment (of the copy that came first) and one table of gradients (the last). */
function hasSecondCopy(): boolean {
  return !(tf.env() instanceof tf.Environment) || tf.getGradient('Identity') !== identityGradient;
}
