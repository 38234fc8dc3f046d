import { EngineError, expectOneOf } from '../core/errors';
import type { Shape } from '../core/shape';
import type { HostValues } from '../core/host-tensor';
import { takeTurn } from '../core/turns';
import { importFromProgram } from './onnxruntime-node';
import type { Model, Port, Runtime, Session, SessionOptions } from './runtime';
import { openOnWorkers } from './workers-node';

/** What we use of onnxruntime's packages; both have it. */
interface Onnxruntime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OnnxruntimeSession> };
  readonly Tensor: new (type: string, values: HostValues, shape: Shape) => OnnxruntimeTensor;
  readonly env: { readonly versions: Readonly<Record<string, string | undefined>>; wasm: { numThreads?: number }; logLevel?: string };
}

interface OnnxruntimeTensor {
  readonly data: HostValues;
}

type Tensors = Record<string, OnnxruntimeTensor>;

interface OnnxruntimeSession {
  run(feeds: Tensors, fetches: Record<string, OnnxruntimeTensor | null>): Promise<Readonly<Tensors>>;
  release(): Promise<void>;
}

const loading = new Map<Runtime['name'], Promise<Runtime>>();

/**
 * What runs compiled models: the runtime that is named; else, in Node, `onnxruntime-node` or, where that cannot be
 * loaded, `onnxruntime-web`; in a browser `onnxruntime-web`. Remembers how loading went.
 *
 * @throws EngineError naming what was tried, and why it failed
 */
export async function loadRuntime(name?: Runtime['name']): Promise<Runtime> {
  const failures: string[] = [];
  for (const candidate of name === undefined ? candidates() : [name])
    try {
      return await loaded(candidate);
    } catch (error) {
      failures.push(`${candidate}: ${firstLine(error)}`);
    }
  throw new EngineError(
    `compile: expected a package that runs compiled steps, got none (${failures.join('; ')}); install one with \`npm install ${name ?? 'onnxruntime-node'}\`.`,
  );
}

function candidates(): readonly Runtime['name'][] {
  return inNode() ? ['onnxruntime-node', 'onnxruntime-web'] : ['onnxruntime-web'];
}

function inNode(): boolean {
  return typeof process !== 'undefined' && typeof process.versions?.node === 'string';
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

function loaded(name: Runtime['name']): Promise<Runtime> {
  const known = loading.get(name);
  if (known) return known;
  const promise = load(name);
  loading.set(name, promise);
  return promise;
}

async function load(name: Runtime['name']): Promise<Runtime> {
  const module = (inNode() ? await importFromProgram(name) : await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as
    | Onnxruntime
    | { readonly default: Onnxruntime }; // a CommonJS package that is imported has its exports under default
  return runtimeOf('InferenceSession' in module ? module : module.default, name);
}

/** `onnxruntime-web`, or one of its parts such as `onnxruntime-web/wasm`, as it is imported. */
export interface OnnxruntimeModule {
  readonly InferenceSession: { readonly create: unknown };
  readonly Tensor: unknown;
  readonly env: object;
}

export interface UseOnnxruntimeOptions {
  /** `'webgpu'` needs `onnxruntime-web/webgpu`; small steps are faster on `'wasm'`. @default 'wasm' */
  readonly provider?: 'wasm' | 'webgpu';
}

/**
 * Gives the library the `onnxruntime-web` of your program, for all that is compiled from now on: for a browser, where a bundler
 * has packed it and its name leads nowhere. Threads stay at 1, which needs no special headers; a page's
 * Content-Security-Policy need allow no more than `'self'` and `'wasm-unsafe-eval'`.
 *
 * @example
 * useOnnxruntime(await import('onnxruntime-web/wasm'));
 *
 * @throws TypeError for anything but a module of onnxruntime
 */
export function useOnnxruntime(onnxruntime: OnnxruntimeModule, { provider = 'wasm' }: UseOnnxruntimeOptions = {}): void {
  expectOneOf('useOnnxruntime: provider', provider, ['wasm', 'webgpu']);
  if (typeof onnxruntime?.InferenceSession?.create !== 'function')
    throw new TypeError("useOnnxruntime: expected the module onnxruntime-web, got something else; import it with `await import('onnxruntime-web/wasm')`.");
  loading.set('onnxruntime-web', Promise.resolve(runtimeOf(onnxruntime as unknown as Onnxruntime, 'onnxruntime-web', provider)));
}

function runtimeOf(onnxruntime: Onnxruntime, name: Runtime['name'], provider: Provider = name === 'onnxruntime-node' ? 'cpu' : 'wasm'): Runtime {
  const { env } = onnxruntime;
  if (name === 'onnxruntime-web') {
    env.wasm.numThreads = 1;
    env.logLevel = 'error'; // else each session warns of constants that no node uses
  }
  if (name === 'onnxruntime-node') keepFreedMemory();
  return {
    name,
    version: env.versions[name === 'onnxruntime-node' ? 'node' : 'web'] ?? env.versions['common'] ?? 'unknown',
    open: (model, options) => open(onnxruntime, { name, provider }, model, options),
  };
}

/**
 * The C library of Linux returns large blocks to the system when they are freed, and each page of a new one costs a fault:
 * onnxruntime-node copies every output into a new block. Blocks no larger than one that was freed before are kept instead;
 * this one is never touched, and so takes no memory.
 */
function keepFreedMemory(): void {
  new Uint8Array(32_000_000).at(0);
}

type Provider = 'cpu' | 'wasm' | 'webgpu';

interface Named {
  readonly name: Runtime['name'];
  readonly provider: Provider;
}

async function open(onnxruntime: Onnxruntime, { name, provider }: Named, model: Model, options: SessionOptions = {}): Promise<Session> {
  const { threads = 1, workers } = options;
  if ((threads > 1 || workers) && name !== 'onnxruntime-node')
    throw new EngineError(`compile: threads: expected 1 with ${name}, got ${workers ? 'worker threads' : threads}; install onnxruntime-node for more, which needs Node.`);
  const { InferenceSession, Tensor } = onnxruntime;
  const settings = {
    executionProviders: [provider],
    executionMode: 'sequential',
    graphOptimizationLevel: 'basic',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4, // an error is thrown: printed besides, it would be there twice
    extra: { session: { intra_op: { allow_spinning: '0' } } }, // denormals as zero would be set for the user's own code too
  };
  if (workers) return workers.open(model, onnxruntime, settings);
  if (threads > 1) return openOnWorkers(model, onnxruntime, settings, threads);
  const alone: typeof inTurn = name === 'onnxruntime-web' ? inTurn : (work) => work();
  const session = await alone(() => InferenceSession.create(model.bytes, settings)).catch((cause: unknown) => {
    throw new EngineError(`compile: expected a model that ${name} opens, got "${firstLine(cause)}"; mend what it names, or report it with the function.`, { cause });
  });

  const inputs = model.inputs.map((port) => tensors(port, Tensor));
  const outputs = model.outputs.map((port) => tensors(port, Tensor));
  const fillsInPlace = name === 'onnxruntime-node'; // the other gives an array back as it was

  return {
    async run(feeds, into = {}) {
      const fed: Tensors = {};
      for (const { name, of } of inputs) fed[name] = of(feeds[name]);
      const fetched: Record<string, OnnxruntimeTensor | null> = {};
      for (const { name, of } of outputs) fetched[name] = fillsInPlace && into[name] ? of(into[name]) : null;
      const results = await alone(() => session.run(fed, fetched));
      const values: Record<string, HostValues> = {};
      for (const { name } of outputs) {
        const target = into[name];
        if (target && !fillsInPlace) target.set(results[name]!.data);
        values[name] = target ?? results[name]!.data;
      }
      return values;
    },
    release: () => alone(() => session.release()),
  };
}

/** All sessions of onnxruntime-web. */
const webSessions = {};

/**
 * What onnxruntime-web does is done one after another, whichever session it is for: it awaits between taking room on
 * WebAssembly's stack and giving it back, so that what overlaps overwrites each other's arguments.
 */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const { comes, end } = takeTurn(webSessions);
  await comes;
  try {
    return await work();
  } finally {
    end();
  }
}

/** Tensors of a port's shape around arrays; the same one for the same array. */
function tensors({ name, shape, dtype }: Port, Tensor: Onnxruntime['Tensor']) {
  const made = new WeakMap<HostValues, OnnxruntimeTensor>();
  return {
    name,
    of(values: HostValues | undefined): OnnxruntimeTensor {
      if (!values) throw new Error(`Internal: expected values for ${name}, got none.`);
      const known = made.get(values);
      if (known) return known;
      const tensor = new Tensor(dtype, values, shape);
      made.set(values, tensor);
      return tensor;
    },
  };
}
