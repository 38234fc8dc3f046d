import type * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { drawNoise } from '../core/noise';
import type { Rng } from '../core/rng';
import { sizeOf } from '../core/shape';
import { outerProduct } from '../core/simd';
import { convolutionExpansions } from '../graph/expand-convolutions';
import type { HostValues } from '../core/host-tensor';
import { fuseProducts } from '../graph/fuse-products';
import type { Graph } from '../graph/graph';
import { lower } from '../onnx/lower';
import { orderRows } from '../graph/order-rows';
import { splitOuterOutputs, type OutputSource } from '../graph/outer-outputs';
import { packPorts, type OutputPlace } from '../graph/pack-ports';
import { peakBytes } from '../graph/peak-bytes';
import { polish, type Polished } from '../graph/polish';
import { arithmeticRules, identityRules } from '../graph/rules-arithmetic';
import { factorRules } from '../graph/rules-factors';
import { layoutRules } from '../graph/rules-layout';
import { matrixRules } from '../graph/rules-matrices';
import { narrowRules } from '../graph/rules-narrow';
import type { Model, Runtime, SessionOptions } from '../onnx/runtime';
import { simplify } from '../graph/simplify';
import { dropTaskAxis } from '../graph/single-task';
import { sumTasks } from '../graph/sum-tasks';
import { trace, type NoiseRequest, type Trace, type TensorType, type Traceable } from '../trace/trace';

/** A function that is ready to run on values on the host. */
export interface Program {
  readonly outputs: readonly TensorType[];
  /** ONNX nodes. */
  readonly nodeCount: number;
  /** Values of the inputs in order → values of the outputs in order; noise is drawn from `rng`. */
  run(inputs: readonly HostValues[], rng?: Rng): Promise<readonly HostValues[]>;
  /**
   * Gives the arrays of a run's outputs back, to be filled by a later run: fresh memory is slow to touch. They must not
   * be read any more.
   */
  recycle(outputs: readonly HostValues[]): void;
  release(): Promise<void>;
}

const rules = [layoutRules, arithmeticRules, identityRules, matrixRules, factorRules];

/** The traced function with less to do. */
export function optimize(graph: Graph): Polished {
  return finish(reduceWork(graph));
}

/** The same function with less to do, its inputs and outputs as they are. */
export function reduceWork(graph: Graph): Graph {
  return orderRows(simplify(simplify(graph, rules), [...rules.slice(0, -1), narrowRules, factorRules, convolutionExpansions]));
}

/** As the runtime does it best. */
function finish(graph: Graph): Polished {
  const first = polish(graph);
  const second = polish(sumTasks(dropTaskAxis(first.graph))); // a reshape that is gone makes way for more
  return { graph: fuseProducts(second.graph), sources: second.sources.map((input) => first.sources[input]!) };
}

/** A function as a model, and what it needs beside its inputs. */
export interface Built {
  readonly model: Model;
  /** For each input of the model, by its number, the input of the function that it takes; the number after the last: those that are packed. */
  readonly sources: readonly number[];
  /** Inputs of the function that go in one after another, as one. */
  readonly packed: readonly number[];
  readonly noise: readonly NoiseRequest[];
  readonly captured: readonly tf.Tensor[];
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  /** For each of the outputs, where it is among those of the graph. */
  readonly places: readonly OutputPlace[];
  /** For each of those of the graph, those of the model that it is made of. */
  readonly outputSources: readonly OutputSource[];
}

/** Trace → graph → simplify → lower. @throws EngineError for what cannot be compiled */
export function build(fn: Traceable, types: readonly TensorType[], first?: Trace): Built {
  const { graph, noise, captured } = trace(fn, types, first);
  const typesOf = (nodes: Graph['inputs']): readonly TensorType[] => nodes.map(({ shape, dtype }) => ({ shape, dtype }));
  const ports = { inputs: typesOf(graph.inputs), outputs: typesOf(graph.outputs) };
  return { ...orRefused(() => modelOf(graph)), noise, captured, ...ports };
}

function modelOf(graph: Graph): Pick<Built, 'model' | 'sources' | 'packed' | 'places' | 'outputSources'> {
  const { graph: packedGraph, packed, places } = packPorts(reduceWork(graph));
  const { graph: polished, sources } = finish(packedGraph);
  const split = splitOuterOutputs(polished);
  return { model: lower(split.graph), sources, packed, places, outputSources: split.outputs };
}

/** What fails once a function is traced is our fault, for which nobody's training need end. @throws EngineError in its place */
function orRefused<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(`Internal: compile: expected a function that can be simplified, got "${why}"; report it with the function.`, { cause });
  }
}

/**
 * What onnxruntime holds for each byte of tensors that are alive at once: its memory grows by doubling, and what the first run took
 * in pieces stays beside the one block that it plans for later runs. Measured: `test/bench/results/memory-estimate.json`.
 */
export const heldPerByte = 3;

/** Bytes that the runtime takes for runs of the function. @throws EngineError for what cannot be compiled */
export function plannedBytes(graph: Graph): number {
  const { graph: polished } = orRefused(() => finish(packPorts(reduceWork(graph)).graph));
  return heldPerByte * peakBytes(splitOuterOutputs(polished).graph);
}

export interface ProgramOptions extends SessionOptions {
  /** Makes the arrays that float32 outputs are written to. */
  readonly allocate?: (length: number) => Float32Array;
}

/** Opens a built function for `inputCount` inputs. */
export async function openProgram(built: Built, inputCount: number, runtime: Runtime, { allocate = (length) => new Float32Array(length), ...options }: ProgramOptions = {}): Promise<Program> {
  const { model, sources, packed, noise, captured, outputs } = built;
  const session = await runtime.open(model, options);
  const needed = model.inputs.map(({ name }) => ({ name, index: sources[Number(name.slice('input'.length))]! }));
  const makeArrays = arraysFor(built, allocate);
  const spares: Arrays[] = [];
  const taken = new WeakMap<readonly HostValues[], Arrays>();

  function valueOf(index: number, inputs: readonly HostValues[], drawn: readonly HostValues[]): HostValues {
    if (index < inputCount) return inputs[index]!;
    if (index < inputCount + noise.length) return drawn[index - inputCount]!;
    return readCaptured(captured[index - inputCount - noise.length]!);
  }

  return {
    outputs,
    nodeCount: model.nodeCount,
    async run(inputs, rng) {
      if (noise.length > 0 && !rng) throw new EngineError('compile: expected a seed for a function that draws noise, got none.');
      const drawn = noise.map((request) => drawNoise(request.kind, request.shape, rng!)); // all of it, needed or not: the stream is that of an eager run
      const arrays = spares.pop() ?? makeArrays();
      const { pack, wholes, copies, into, outputs: values } = arrays;
      let offset = 0;
      for (const index of packed) {
        const part = valueOf(index, inputs, drawn);
        pack.set(part, offset);
        offset += part.length;
      }
      const feeds: Record<string, HostValues> = {};
      for (const { name, index } of needed) feeds[name] = index === built.inputs.length ? pack : valueOf(index, inputs, drawn);
      await session.run(feeds, into);
      for (const { whole, column, row } of wholes) if (column) outerProduct(whole as Float32Array, column, row!);
      for (const { from, to } of copies) to.set(from);
      taken.set(values, arrays);
      return values;
    },
    recycle(values) {
      const arrays = taken.get(values);
      if (arrays) spares.push(arrays);
      taken.delete(values);
    },
    release: () => session.release(),
  };
}

/** What a run reads from and writes to. */
interface Arrays {
  /** The packed inputs. */
  readonly pack: Float32Array;
  /** For each output of the model, by its name. */
  readonly into: Readonly<Record<string, HostValues>>;
  /** Outputs of the graph; where they have a column and a row, they are filled with their products. */
  readonly wholes: readonly { readonly whole: HostValues; readonly column?: Float32Array; readonly row?: Float32Array }[];
  /** Outputs that the graph has once: each has values of its own, so that whoever changes one leaves the others alone. */
  readonly copies: readonly { readonly from: HostValues; readonly to: HostValues }[];
  /** For each output of the function. */
  readonly outputs: readonly HostValues[];
}

function arraysFor({ model, packed, inputs, outputs, places, outputSources }: Built, allocate: (length: number) => Float32Array): () => Arrays {
  const packedSize = packed.reduce((sum, index) => sum + sizeOf(inputs[index]!.shape), 0);
  return () => {
    const into: Record<string, HostValues> = {};
    const port = (index: number) => (into[`output${index}`] ??= emptyValues(model.outputs[index]!, allocate));
    const wholes = outputSources.map((source) => {
      if ('whole' in source) return { whole: port(source.whole) };
      const [column, row] = [port(source.column), port(source.row)] as [Float32Array, Float32Array]; // a product is one of floats
      return { whole: allocate(column.length * row.length), column, row };
    });
    const last = wholes.at(-1)?.whole as Float32Array; // where some are packed
    const found = new Map<string, HostValues>();
    const copies: { from: HostValues; to: HostValues }[] = [];
    const made = outputs.map((type, index) => {
      const place = places[index]!;
      const values = 'output' in place ? wholes[place.output]!.whole : last.subarray(place.offset, place.offset + sizeOf(type.shape));
      const key = JSON.stringify(place);
      if (!found.has(key)) {
        found.set(key, values);
        return values;
      }
      const copy = emptyValues(type, allocate);
      copies.push({ from: values, to: copy });
      return copy;
    });
    return { pack: new Float32Array(packedSize), into, wholes, copies, outputs: made };
  };
}

function emptyValues({ shape, dtype }: TensorType, allocate: (length: number) => Float32Array): HostValues {
  const size = sizeOf(shape);
  if (dtype === 'float32') return allocate(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

function readCaptured(tensor: tf.Tensor): HostValues {
  if (tensor.isDisposed)
    throw new EngineError('compile: expected the tensors that the function uses from outside to be in use, got a disposed one; pass it as an input.');
  return tensor.dataSync<'float32'>(); // numbers
}
