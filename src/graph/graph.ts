import type { DataType, HostValues } from '../core/host-tensor';
import type { Shape } from '../core/shape';
import { spell } from '../core/spell';

/** Plain data: numbers, strings, booleans, and lists of them or of lists. */
export type Attributes = Readonly<Record<string, unknown>>;

/** One operation of a traced function, and its result. */
export interface GraphNode {
  /** Counts up: a node's inputs have smaller numbers. */
  readonly id: number;
  /** As TensorFlow.js names its kernels; besides those, ours: `Input`, `Constant`, `Windows`, `Convolve` and its gradients, `Gemm`, `SolveSymmetric`. */
  readonly kernel: string;
  readonly inputs: readonly GraphNode[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DataType;
  /** Of a constant: all its values, or a single one where they are all equal. */
  readonly values?: HostValues;
}

/** A pure function of tensors, as data. */
export interface Graph {
  /** Every input of the function, in order, whether an output depends on it or not. */
  readonly inputs: readonly GraphNode[];
  readonly outputs: readonly GraphNode[];
}

/** Makes nodes; asked twice for the same one, it gives the one that is there (common sub-expressions). */
export interface GraphBuilder {
  input(shape: Shape, dtype: DataType): GraphNode;
  /** `values` in full or, for a tensor of equal values, one. */
  constant(values: HostValues | number, shape: Shape, dtype?: DataType): GraphNode;
  node(kernel: string, inputs: readonly GraphNode[], attributes: Attributes, shape: Shape, dtype?: DataType): GraphNode;
}

/** Constants of more values are looked up by a hash of them. */
const comparedValues = 1024;

export function graphBuilder(): GraphBuilder {
  const known = new Map<string, GraphNode>();
  const arrays = new Map<number, HostValues[]>();
  let count = 0;

  const add = (parts: Omit<GraphNode, 'id'>): GraphNode => ({ id: count++, ...parts });

  function shared(key: string, parts: Omit<GraphNode, 'id'>): GraphNode {
    const found = known.get(key);
    if (found) return found;
    const made = add(parts);
    known.set(key, made);
    return made;
  }

  function identify(values: HostValues): string {
    if (values.length <= comparedValues) return Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value)).join();
    const sum = hash(values);
    const alike = arrays.get(sum) ?? [];
    arrays.set(sum, alike);
    const found = alike.findIndex((other) => other === values || isSame(other, values));
    return `array ${sum} ${found >= 0 ? found : alike.push(values) - 1}`;
  }

  return {
    input: (shape, dtype) => add({ kernel: 'Input', inputs: [], attributes: {}, shape, dtype }),
    constant(given, shape, dtype = 'float32') {
      const values = typeof given === 'number' ? toValues([given], dtype) : compact(given);
      const key = `Constant|${dtype}|${shape.join()}|${identify(values)}`;
      return shared(key, { kernel: 'Constant', inputs: [], attributes: {}, shape, dtype, values });
    },
    node(kernel, inputs, attributes, shape, dtype = 'float32') {
      const key = `${kernel}|${inputs.map(({ id }) => id).join()}|${spell(attributes)}|${shape.join()}|${dtype}`;
      return shared(key, { kernel, inputs, attributes, shape, dtype });
    },
  };
}

/** A node of another graph made again, with the twins of its inputs. */
export function remake({ kernel, inputs, attributes, shape, dtype, values }: GraphNode, twin: (input: GraphNode) => GraphNode, make: GraphBuilder): GraphNode {
  return values ? make.constant(values, shape, dtype) : make.node(kernel, inputs.map((input) => twin(input)), attributes, shape, dtype);
}

/** The nodes that the outputs depend on, inputs of a node before it. */
export function reachable(outputs: readonly GraphNode[]): readonly GraphNode[] {
  const seen = new Set<GraphNode>();
  const waiting = [...outputs];
  for (let node = waiting.pop(); node; node = waiting.pop())
    if (!seen.has(node)) {
      seen.add(node);
      waiting.push(...node.inputs);
    }
  return [...seen].sort((a, b) => a.id - b.id);
}

export function toValues(values: ArrayLike<number>, dtype: DataType): HostValues {
  if (dtype === 'float32') return Float32Array.from(values);
  return dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values);
}

/** Those computed already: a graph is made anew many times with the same arrays. */
const hashes = new WeakMap<HostValues, number>();

function hash(values: HostValues): number {
  const known = hashes.get(values);
  if (known !== undefined) return known;
  const sum = sumOf(values);
  hashes.set(values, sum);
  return sum;
}

/** Fowler, Noll and Vo's hash, of four bytes at a time where there are four. */
function sumOf({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT }: HostValues): number {
  const words = BYTES_PER_ELEMENT === 4 ? new Int32Array(buffer, byteOffset, byteLength / 4) : new Uint8Array(buffer, byteOffset, byteLength);
  let sum = 0x811c9dc5;
  for (let index = 0; index < words.length; index++) sum = Math.imul(sum ^ words[index]!, 0x01000193); // a loop: an iterator takes several times as long
  return sum;
}

function isSame(one: HostValues, other: HostValues): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]));
}

/** One value in place of many that are equal. */
function compact(values: HostValues): HostValues {
  const first = values[0];
  return values.length > 1 && values.every((value: number) => Object.is(value, first)) ? values.slice(0, 1) : values;
}

/** A kernel's attribute; the tracer has checked its type. */
export function attribute<Value>({ attributes }: GraphNode, name: string): Value {
  return attributes[name] as Value;
}

/** The value of a constant whose values are all equal; undefined for any other node. */
export function uniformValue({ values }: GraphNode): number | undefined {
  return values?.length === 1 ? values[0] : undefined;
}
