import type * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import type { Rng } from '../core/rng';
import { sizeOf } from '../core/shape';
import { outerProduct } from '../core/simd';
import { convolutionExpansions } from '../graph/expand-convolutions';
import type { DataType, HostValues } from '../core/host-tensor';
import type { Graph } from '../graph/graph';
import { lower } from '../onnx/lower';
import { orderRows } from '../graph/order-rows';
import { splitOuterOutputs, type OutputSource } from '../graph/outer-outputs';
import { polish, type Polished } from '../graph/polish';
import { arithmeticRules, identityRules } from '../graph/rules-arithmetic';
import { factorRules } from '../graph/rules-factors';
import { layoutRules } from '../graph/rules-layout';
import { matrixRules } from '../graph/rules-matrices';
import { narrowRules } from '../graph/rules-narrow';
import type { Model, Runtime, SessionOptions } from '../onnx/runtime';
import { simplify } from '../graph/simplify';
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
  const ordered = orderRows(simplify(simplify(graph, rules), [...rules.slice(0, -1), narrowRules, factorRules, convolutionExpansions]));
  const first = polish(ordered);
  const second = polish(first.graph); // a reshape that is gone makes way for more
  return { graph: second.graph, sources: second.sources.map((input) => first.sources[input]!) };
}

/** A function as a model, and what it needs beside its inputs. */
export interface Built {
  readonly model: Model;
  /** For each input of the model, by its number, the input of the function that it takes. */
  readonly sources: readonly number[];
  readonly noise: readonly NoiseRequest[];
  readonly captured: readonly tf.Tensor[];
  readonly outputs: readonly TensorType[];
  /** For each of the outputs, those of the model that it is made of. */
  readonly outputSources: readonly OutputSource[];
}

/** Trace → graph → simplify → lower. @throws EngineError for what cannot be compiled */
export function build(fn: Traceable, types: readonly TensorType[], first?: Trace): Built {
  const { graph, noise, captured } = trace(fn, types, first);
  const outputs = graph.outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const { graph: polished, sources } = optimize(graph);
  const split = splitOuterOutputs(polished);
  return { model: lower(split.graph), sources, noise, captured, outputs, outputSources: split.outputs };
}

export interface ProgramOptions extends SessionOptions {
  /** Makes the arrays that float32 outputs are written to. */
  readonly allocate?: (length: number) => Float32Array;
}

/** Opens a built function for `types.length` inputs. */
export async function openProgram(built: Built, inputCount: number, runtime: Runtime, { allocate = (length) => new Float32Array(length), ...options }: ProgramOptions = {}): Promise<Program> {
  const { model, sources, noise, captured, outputs, outputSources } = built;
  const session = await runtime.open(model, options);
  const needed = model.inputs.map(({ name }) => ({ name, index: sources[Number(name.slice('input'.length))]! }));
  const spares: Arrays[] = [];
  function makeArrays(): Arrays {
    const whole = outputs.map(({ shape, dtype }) => emptyValues(sizeOf(shape), dtype, allocate));
    const into: Record<string, HostValues> = {};
    for (const [index, source] of outputSources.entries())
      if ('whole' in source) into[`output${source.whole}`] = whole[index]!;
      else for (const part of [source.column, source.row]) into[`output${part}`] = allocate(sizeOf(model.outputs[part]!.shape));
    return { whole, into };
  }
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
      const drawn = noise.map((request) => draw(request, rng!)); // all of it, needed or not: the stream is that of an eager run
      const feeds = Object.fromEntries(needed.map(({ name, index }) => [name, valueOf(index, inputs, drawn)]));
      const arrays = spares.pop() ?? makeArrays();
      const { whole, into } = arrays;
      await session.run(feeds, into);
      const floats = (values: HostValues) => values as Float32Array; // a product is one of floats
      for (const [index, source] of outputSources.entries())
        if ('column' in source) outerProduct(floats(whole[index]!), floats(into[`output${source.column}`]!), floats(into[`output${source.row}`]!));
      taken.set(whole, arrays);
      return whole;
    },
    recycle(values) {
      const arrays = taken.get(values);
      if (arrays) spares.push(arrays);
      taken.delete(values);
    },
    release: () => session.release(),
  };
}

/** What a run writes to. */
interface Arrays {
  /** For each output of the function. */
  readonly whole: readonly HostValues[];
  /** For each output of the model, by its name. */
  readonly into: Readonly<Record<string, HostValues>>;
}

function emptyValues(size: number, dtype: DataType, allocate: (length: number) => Float32Array): HostValues {
  if (dtype === 'float32') return allocate(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

function draw({ kind, shape }: NoiseRequest, rng: Rng): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => rng[kind]());
}

function readCaptured(tensor: tf.Tensor): HostValues {
  if (tensor.isDisposed)
    throw new EngineError('compile: expected the tensors that the function uses from outside to be in use, got a disposed one; pass it as an input.');
  return tensor.dataSync<'float32'>(); // numbers
}
