import type { DataType, HostTensor, HostValues } from '../core/host-tensor';
import { sizeOf, type Shape } from '../core/shape';
import { spell } from '../core/spell';
import { toValues, type GraphNode } from '../graph/graph';
import type { Size, Sizes } from './sample-axis';

/** A node's attribute as TensorFlow writes it in JSON. */
export type NodeAttribute = Readonly<Record<string, unknown>>;

/** A node of a graph model. */
export interface ModelNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, NodeAttribute>>;
}

/** Collects the nodes and weights of a graph model; asked twice for the same one, it gives the name of the one that is there. */
export interface GraphWriter {
  readonly nodes: readonly ModelNode[];
  readonly weights: Readonly<Record<string, HostTensor>>;
  /** The name of the node's only result. */
  emit(op: string, inputs?: readonly string[], attr?: ModelNode['attr'], name?: string): string;
  constant(values: HostValues, shape: Shape, dtype: DataType): string;
  scalar(value: number, dtype?: DataType): string;
  /** A list of whole numbers, as TensorFlow wants axes. */
  integers(values: readonly number[]): string;
  /** The sizes of a node's axes. */
  sizes(node: GraphNode): readonly Size[];
  /** A list of sizes, read off the number of samples where they grow with it. */
  shape(sizes: readonly Size[]): string;
  reshape(x: string, sizes: readonly Size[]): string;
}

export const attributes = {
  flag: (b: boolean): NodeAttribute => ({ b }),
  number: (f: number): NodeAttribute => ({ f }),
  count: (i: number): NodeAttribute => ({ i: String(i) }),
  counts: (values: readonly number[]): NodeAttribute => ({ list: { i: values.map(String) } }),
  text: (s: string): NodeAttribute => ({ s: btoa(s) }),
  type: (dtype: DataType): NodeAttribute => ({ type: { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' }[dtype] }),
  shape: (sizes: readonly Size[]): NodeAttribute => ({ shape: { dim: sizes.map((size) => ({ size: String(sizeOrOpen(size)) })) } }),
};

/** @param sizesOf the sizes of each node's axes, where they are not those of its shape */
export function graphWriter(input: string, sizesOf: Sizes | undefined): GraphWriter {
  const nodes: ModelNode[] = [];
  const weights: Record<string, HostTensor> = {};
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  const reshaped = new Map<string, string>();

  function nextName(op: string): string {
    const count = (counts.get(op) ?? 0) + 1;
    counts.set(op, count);
    return `${op}_${count}`;
  }

  const emit: GraphWriter['emit'] = (op, inputs = [], attr = {}, name) => {
    const key = `${op}|${inputs.join()}|${spell(attr)}`;
    const found = name === undefined ? known.get(key) : undefined;
    if (found !== undefined) return found;
    const made = name ?? nextName(op);
    nodes.push({ name: made, op, ...(inputs.length > 0 ? { input: inputs } : {}), attr });
    known.set(key, made);
    return made;
  };

  function constant(values: HostValues, shape: Shape, dtype: DataType): string {
    const key = values.length <= 64 ? `${dtype}|${shape.join()}|${Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value)).join()}` : '';
    const found = key ? known.get(key) : undefined;
    if (found !== undefined) return found;
    const name = nextName('Const');
    weights[name] = { values, shape, dtype };
    nodes.push({ name, op: 'Const', attr: { dtype: attributes.type(dtype), value: { tensor: { dtype: attributes.type(dtype)['type'], tensorShape: attributes.shape(shape)['shape'] } } } });
    if (key) known.set(key, name);
    return name;
  }

  const integers = (values: readonly number[]) => constant(Int32Array.from(values), [values.length], 'int32');
  const scalar = (value: number, dtype: DataType = 'float32') => constant(toValues([value], dtype), [], dtype);
  const samples = () => emit('Slice', [emit('Shape', [input]), integers([0]), integers([1])]);

  function shape(sizes: readonly Size[]): string {
    if (sizes.every((size) => typeof size === 'number')) return integers(sizes);
    const parts = sizes.map((size) => {
      if (typeof size === 'number') return integers([size]);
      return size.perSample === 1 ? samples() : emit('Mul', [samples(), integers([size.perSample])]);
    });
    return parts.length === 1 ? parts[0]! : emit('ConcatV2', [...parts, scalar(0, 'int32')], { N: attributes.count(parts.length) });
  }

  return {
    nodes,
    weights,
    emit,
    constant,
    scalar,
    integers,
    sizes: (node) => sizesOf?.get(node) ?? node.shape,
    shape,
    reshape(x, sizes) {
      const open = sizes.filter((size) => typeof size !== 'number');
      const isClear = open.length === 1 && sizeOf(sizes.filter((size) => typeof size === 'number')) > 0;
      const source = reshaped.get(x) ?? x; // the last of several reshapes is enough
      const stored = weights[source];
      if (stored && open.length === 0) return constant(stored.values, sizes as Shape, stored.dtype);
      const made = emit('Reshape', [source, isClear ? integers(sizes.map((size) => sizeOrOpen(size))) : shape(sizes)]);
      reshaped.set(made, source);
      return made;
    },
  };
}

/** -1 for a size that grows. */
function sizeOrOpen(size: Size): number {
  return typeof size === 'number' ? size : -1;
}
