import type * as tf from '@tensorflow/tfjs';
import { announce } from '../core/announce';
import { EngineError, expectCount, expectOneOf, shown } from '../core/errors';
import { isHostTensor, readHost, toTensor, type HostTensor, type HostValues } from '../core/host-tensor';
import type { Noise } from '../core/noise';
import { createRng, type Rng } from '../core/rng';
import type { Shape } from '../core/shape';
import { takeTurn } from '../core/turns';
import { flattenContainer, isTensor, rebuildContainer } from './containers';
import { reachable } from '../graph/graph';
import { totalBytes } from '../graph/peak-bytes';
import { leasedCache } from './leased-cache';
import { loadRuntime } from '../onnx/onnxruntime';
import { build, openProgram, plannedBytes, type Program, type ProgramOptions } from './program';
import { runUncompiled } from './run-uncompiled';
import type { Runtime } from '../onnx/runtime';
import type { WorkerHost } from '../onnx/workers-node';
import { traceOnce, type TensorType, type Trace } from '../trace/trace';

/** What runs compiled functions; `'tfjs'` runs them as they are, without compiling. */
export type RuntimeName = Runtime['name'] | 'tfjs';

/** @throws RangeError for a runtime of another name; none is one too */
export function expectRuntime(where: string, runtime: RuntimeName | undefined): void {
  if (runtime !== undefined) expectOneOf(`${where}: runtime`, runtime, ['onnxruntime-node', 'onnxruntime-web', 'tfjs']);
}

/** The same lists and records with values on the host in place of tensors. */
export type OnHost<Tensors> = Tensors extends tf.Tensor ? HostTensor : { readonly [Name in keyof Tensors]: OnHost<Tensors[Name]> };

export interface CompileOptions {
  /** How warnings and errors call the function. @default 'the function' */
  readonly name?: string;
  /** What runs it; `'tfjs'` does not compile. @default onnxruntime-node where it is installed, else onnxruntime-web, else tfjs */
  readonly runtime?: RuntimeName;
  /** Worker threads that runs are spread over, where there are several at a time; Node only. @default 1: this one */
  readonly threads?: number;
  /** Worker threads that other compiled functions have too, in place of `threads`; Node only. @default none */
  readonly workers?: WorkerHost;
  /** What becomes of a function that cannot be compiled: an error, or it runs uncompiled, which is said once. @default 'throw' */
  readonly whenRefused?: 'throw' | 'uncompiled';
  /** Makes the arrays that float32 outputs are written to, which `recycle` gives back. @default ordinary ones */
  readonly allocate?: (length: number) => Float32Array;
  /** Programs kept, one for each set of input shapes; the one unused for longest goes first. @default 16 */
  readonly cacheSize?: number;
}

export interface CompiledRun {
  /** Of the noise that the function draws. @default '0' */
  readonly seed?: string;
}

/** A compiled function. Holds programs until `dispose()`. */
export interface Compiled<Inputs, Outputs> {
  /** Tensors in, tensors out: the caller disposes both. */
  run(inputs: Inputs, options?: CompiledRun): Promise<Outputs>;
  /** The same on values on the host, without a detour through tensors. Runs under way at once draw from a shared `rng` in the order of the calls. */
  runOnHost(inputs: OnHost<Inputs>, options?: { readonly rng?: Rng }): Promise<OnHost<Outputs>>;
  /** Gives the arrays of a result of `runOnHost` back, for later runs to fill; they must not be read any more. */
  recycle(outputs: OnHost<Outputs>): void;
  /** Shapes of the tensors that a run on such inputs makes, found by a trace; none where it runs uncompiled as it cannot be traced. */
  shapes(inputs: OnHost<Inputs>): readonly Shape[];
  /** Bytes that runs on such inputs take, 0.6 to 1.4 of those measured; uncompiled, those of all these tensors; 0 where there are no `shapes`. */
  bytes(inputs: OnHost<Inputs>): number;
  /** Programs made so far: one for each set of input shapes, again for those that were dropped. */
  readonly compilations: number;
  /** Ends its programs, after the runs that are under way. */
  dispose(): Promise<void>;
}

/**
 * Compiles a pure function of tensors, its gradients included (`valueAndGradients`, `tf.grads`, second derivatives): traced
 * once for each set of input shapes, simplified, and run by onnxruntime. `inputs` and the result are lists and records
 * of tensors; what varies from run to run must be an input. Tensors and variables that the function takes from outside
 * are read anew before each run. Chance comes from the `noise` that the function is given: refilled for each run, as an
 * uncompiled run with the same seed would draw it.
 *
 * Finite numbers are promised. As in the gradients of TensorFlow.js, what is multiplied by a constant 0 is left out, were it
 * NaN; where NaN or an infinity comes up (0 / 0, the slope of a relu at NaN) a compiled run may give other ones, and values
 * near 1e-39 may count as 0. Empty tensors are refused. Without onnxruntime the function runs uncompiled; that is said once.
 *
 * @example
 * const step = compile(({ w, x }: { w: tf.Tensor; x: tf.Tensor }) => tf.matMul(x, w));
 * const product = await step.run({ w: tf.ones([3, 2]), x: tf.ones([4, 3]) }); // [4, 2] of threes
 *
 * @throws RangeError for an unknown runtime; from `run`: EngineError for a function that cannot be compiled, TypeError for one
 * that returns nothing, or a promise
 */
export function compile<Inputs, Outputs>(
  fn: (inputs: Inputs, noise: Noise) => Outputs,
  { name = 'the function', runtime: wanted, threads = 1, workers, cacheSize = 16, whenRefused = 'throw', allocate }: CompileOptions = {},
): Compiled<Inputs, Outputs> {
  expectRuntime('compile', wanted);
  expectCount('compile: cacheSize', cacheSize);
  expectCount('compile: threads', threads);
  const programs = leasedCache<Entry | undefined>(
    cacheSize,
    async (entry) => entry?.program.release(),
    () => new EngineError(`compile: ${name}: expected a compiled function that is in use, got one after dispose().`),
  );
  const made = new WeakMap<object, () => void>();
  let compilations = 0;
  let traced: { readonly key: string; readonly trace: Trace } | undefined; // of the last `shapes`, for the run that follows

  /** Nothing, where the function shall run uncompiled then. */
  function refused(error: unknown): undefined {
    if (whenRefused === 'throw' || !(error instanceof EngineError)) throw error;
    announce(`${error.message} Until then ${name} runs uncompiled, and more slowly.`);
  }

  /** Nothing, where the function runs uncompiled as it cannot be traced. */
  function traceOf(inputs: OnHost<Inputs>, leaves: readonly HostTensor[]): Trace | undefined {
    try {
      return traceOnce((tensors, noise) => flattenContainer(call(fn, inputs, tensors, noise), isTensor).leaves, leaves);
    } catch (error) {
      return wanted === 'tfjs' && error instanceof EngineError ? undefined : refused(error); // tfjs runs more than can be traced
    }
  }

  /** Nothing, where the function runs uncompiled as it cannot be simplified. */
  function plannedOf({ graph }: Trace): number | undefined {
    try {
      return plannedBytes(graph);
    } catch (error) {
      return refused(error);
    }
  }

  async function make(key: string, inputs: OnHost<Inputs>, leaves: readonly HostTensor[]): Promise<Entry | undefined> {
    const runtime = await runtimeOrNothing(wanted);
    if (!runtime) return undefined;
    compilations++;
    if (compilations === 2 * cacheSize + 1)
      announce(`compile: ${name} was compiled ${compilations} times, for as many shapes of its inputs; pad them to a few shapes, or raise cacheSize.`);
    const first = traced?.key === key ? traced.trace : undefined;
    traced = undefined;
    return makeEntry(fn, inputs, leaves, runtime, { threads, ...(workers ? { workers } : {}), ...(allocate ? { allocate } : {}), ...(first ? { first } : {}) }).catch(refused);
  }

  async function runOnHost(inputs: OnHost<Inputs>, { rng = createRng('0') }: { readonly rng?: Rng } = {}): Promise<OnHost<Outputs>> {
    const { leaves, form } = flattenContainer(inputs, isHostTensor);
    const [key, turn] = [keyOf(form, leaves), takeTurn(rng)];
    return programs.use(key, () => make(key, inputs, leaves), async (entry) => {
      await turn.comes;
      if (!entry) return runUncompiled((tensors, noise) => call(fn, inputs, tensors, noise), leaves, rng) as Promise<OnHost<Outputs>>;
      const { program, rebuild } = entry;
      const running = program.run(leaves.map((leaf) => leaf.values), rng);
      turn.end(); // it has drawn
      const values = await running;
      const outputs = rebuild(program.outputs.map((type, index) => hostTensor(type, values[index]!))) as OnHost<Outputs> & object;
      made.set(outputs, () => program.recycle(values));
      return outputs;
    }).finally(turn.end);
  }

  return {
    runOnHost,
    async run(inputs, { seed = '0' } = {}) {
      const { leaves } = flattenContainer(inputs, isTensor);
      const onHost = rebuildContainer(inputs, isTensor, leaves.map((leaf) => readHost(leaf))) as OnHost<Inputs>;
      const results = await runOnHost(onHost, { rng: createRng(seed) });
      return rebuildContainer(results, isHostTensor, flattenContainer(results, isHostTensor).leaves.map((leaf) => toTensor(leaf))) as Outputs;
    },
    recycle(outputs) {
      made.get(outputs)?.();
      made.delete(outputs);
    },
    shapes(inputs) {
      const { leaves, form } = flattenContainer(inputs, isHostTensor);
      const trace = traceOf(inputs, leaves);
      if (trace && wanted !== 'tfjs') traced = { key: keyOf(form, leaves), trace };
      return trace ? reachable(trace.graph.outputs).map(({ shape }) => shape) : [];
    },
    bytes(inputs) {
      const { leaves } = flattenContainer(inputs, isHostTensor);
      const trace = traceOf(inputs, leaves);
      if (!trace) return 0;
      return (wanted === 'tfjs' ? undefined : plannedOf(trace)) ?? totalBytes(trace.graph);
    },
    get compilations() {
      return compilations;
    },
    dispose: () => programs.close(),
  };
}

/** A runtime that is named must serve; where none is, what cannot be compiled runs uncompiled. */
export function orUncompiled(runtime: RuntimeName | undefined): Pick<CompileOptions, 'runtime' | 'whenRefused'> {
  return runtime ? { runtime } : { whenRefused: 'uncompiled' };
}

interface Entry {
  readonly program: Program;
  rebuild(leaves: readonly unknown[]): unknown;
}

async function makeEntry<Inputs, Outputs>(
  fn: (inputs: Inputs, noise: Noise) => Outputs,
  inputs: OnHost<Inputs>,
  leaves: readonly HostTensor[],
  runtime: Runtime,
  { first, ...options }: ProgramOptions & { readonly first?: Trace },
): Promise<Entry> {
  let like: unknown;
  const types = leaves.map(({ shape, dtype }) => ({ shape, dtype }));
  const built = build((tensors, noise) => {
    const outputs = call(fn, inputs, tensors, noise);
    const flat = flattenContainer(outputs, isTensor);
    if (flat.leaves.length === 0) throw new EngineError(`compile: expected a function that returns tensors, got one that returns ${shown(outputs)} without any.`);
    like = rebuildContainer(outputs, isTensor, flat.leaves.map((_, index) => index));
    return flat.leaves;
  }, types, first);
  const program = await openProgram(built, types.length, runtime, options);
  return { program, rebuild: (values) => rebuildContainer(like, isNumber, values) };
}

/** What a program depends on. */
function keyOf(form: string, leaves: readonly HostTensor[]): string {
  let key = form;
  for (const { shape, dtype } of leaves) key += ` ${dtype}[${shape.join()}]`;
  return key;
}

/** The function on tensors in the places of values on the host. */
function call<Inputs, Outputs>(fn: (inputs: Inputs, noise: Noise) => Outputs, inputs: OnHost<Inputs>, tensors: readonly tf.Tensor[], noise: Noise): Outputs {
  const made = fn(rebuildContainer(inputs, isHostTensor, tensors) as Inputs, noise);
  if (made === undefined || made === null) throw new TypeError('compile: expected a function that returns tensors, in lists and records, got one that returns nothing.');
  return made;
}

function hostTensor({ shape, dtype }: TensorType, values: HostValues): HostTensor {
  return { values, shape, dtype };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** The runtime; undefined, and said once, where there is none. @throws EngineError where a named one is missing */
async function runtimeOrNothing(wanted: RuntimeName | undefined): Promise<Runtime | undefined> {
  if (wanted === 'tfjs') return undefined;
  try {
    return await loadRuntime(wanted);
  } catch (error) {
    if (wanted !== undefined) throw error;
    announce(`${error instanceof Error ? error.message : String(error)} Until then everything runs uncompiled, and more slowly.`);
    return undefined;
  }
}
