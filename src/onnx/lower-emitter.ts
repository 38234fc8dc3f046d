import type { Shape } from '../core/shape';
import { spell } from '../core/spell';
import type { GraphNode } from '../graph/graph';
import { typeNumber } from './onnx-writer';
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxType, Operators } from './onnx-writer';

/** Writes one node of a graph as ONNX nodes, given the names of its inputs' values; returns the name of its own. */
export type Lowering = (node: GraphNode, inputs: readonly string[], onnx: Emitter) => string;

/** A theme's part of the table: kernel → how it is written. */
export type Lowerings = Readonly<Record<string, Lowering>>;

/** Collects ONNX nodes and constants; asked twice for the same one, it gives the name of the one that is there. */
export interface Emitter {
  readonly operators: Operators;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** The name of the node's only result. */
  emit(operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>, domain?: string): string;
  constant(values: ArrayLike<number>, shape: Shape, dtype: OnnxType): string;
  /** @param dtype default float32 */
  scalar(value: number, dtype?: OnnxType): string;
  /** A list of whole numbers, as ONNX wants axes and shapes. */
  integers(values: readonly number[]): string;
  cast(name: string, from: OnnxType, to: OnnxType): string;
  reshape(name: string, shape: Shape): string;
  /** A new name. */
  name(): string;
  /** For the nodes of a loop's body: constants go to the graph outside. */
  inner(): Emitter;
}

/** Constants of more values are not compared with others. */
const comparedValues = 1024;

export function onnxEmitter(operators: Operators = 'all'): Emitter {
  const initializers: OnnxTensor[] = [];
  const constants = new Map<string, string>();
  let count = 0;
  const name = () => `v${count++}`;

  function constant(values: ArrayLike<number>, shape: Shape, dtype: OnnxType): string {
    const key = values.length <= comparedValues ? `${dtype}|${shape.join()}|${spell(Array.from(values))}` : `${initializers.length}`;
    const found = constants.get(key);
    if (found !== undefined) return found;
    const made = name();
    initializers.push({ name: made, dtype, shape, bytes: toBytes(values, dtype) });
    constants.set(key, made);
    return made;
  }

  function scope(): Emitter {
    const nodes: OnnxNode[] = [];
    const results = new Map<string, string>();
    const reshaped = new Map<string, string>();

    const emit: Emitter['emit'] = (operator, inputs, attributes = {}, domain) => {
      const key = `${operator}|${inputs.join()}|${spell(attributes)}`;
      const found = results.get(key);
      if (found !== undefined) return found;
      const made = name();
      nodes.push({ operator, inputs, outputs: [made], attributes, ...(domain !== undefined && { domain }) });
      results.set(key, made);
      return made;
    };

    const integers = (values: readonly number[]) => constant(values, [values.length], 'int64');
    return {
      operators,
      nodes,
      initializers,
      emit,
      constant,
      scalar: (value, dtype = 'float32') => constant([value], [], dtype),
      integers,
      cast: (from, was, to) => (was === to ? from : emit('Cast', [from], { to: typeNumber(to) })),
      // ONNX takes a size of 0 for "as it was" unless told otherwise.
      reshape(from, shape) {
        const source = reshaped.get(from) ?? from; // the last of several reshapes is enough
        const made = emit('Reshape', [source, integers(shape)], shape.includes(0) ? { allowzero: 1 } : {});
        reshaped.set(made, source);
        return made;
      },
      name,
      inner: scope,
    };
  }

  return scope();
}

const arrays = {
  float32: (values: ArrayLike<number>) => Float32Array.from(values),
  float64: (values: ArrayLike<number>) => Float64Array.from(values),
  int32: (values: ArrayLike<number>) => Int32Array.from(values),
  int64: (values: ArrayLike<number>) => BigInt64Array.from(Array.from(values, (value) => BigInt(value))),
  uint32: (values: ArrayLike<number>) => Uint32Array.from(values),
  bool: (values: ArrayLike<number>) => Uint8Array.from(values),
};

function toBytes(values: ArrayLike<number>, dtype: OnnxType): Uint8Array {
  const { buffer, byteOffset, byteLength } = arrays[dtype](values);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A node's inputs, those of another type cast to this one. */
export function castInputs(node: GraphNode, inputs: readonly string[], onnx: Emitter, dtype: OnnxType = node.dtype): readonly string[] {
  return inputs.map((name, i) => onnx.cast(name, node.inputs[i]!.dtype, dtype));
}
