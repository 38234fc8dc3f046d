import { sizeOf } from '../core/shape';
import { graphBuilder, reachable, remake, type Graph, type GraphNode } from './graph';
import { graphOps, type GraphOps } from './graph-ops';

/** Where an output of a function is: an output of the graph, or some of the values of its last one. */
export type OutputPlace = { readonly output: number } | { readonly offset: number };

/** A graph whose last input and last output are the small ones of a function, one after another, where there are several. */
export interface PackedPorts {
  readonly graph: Graph;
  /** The function's inputs that are in the last input, in order. */
  readonly packed: readonly number[];
  /** For each output of the function. */
  readonly places: readonly OutputPlace[];
}

/** Copying more values takes longer than handing over a tensor does. */
const small = 4096;

/**
 * To hand a tensor to a runtime or take one from it takes as long as twenty small nodes. The small float32 inputs go in as
 * one tensor, the small outputs come out as one.
 */
export function packPorts({ inputs, outputs }: Graph): PackedPorts {
  const ops = graphOps(graphBuilder());
  const nodes = reachable(outputs);
  const used = new Set(nodes);
  const twins = new Map<GraphNode, GraphNode>();
  const made = inputs.map((node) => ops.input(node.shape, node.dtype));
  inputs.forEach((node, index) => twins.set(node, made[index]!));

  const packed = severalOf(inputs.map((_, index) => index).filter((index) => isSmall(inputs[index]!) && used.has(inputs[index]!)));
  if (packed.length > 0) made.push(unpack(packed.map((index) => inputs[index]!), twins, ops));
  for (const node of nodes) if (!twins.has(node)) twins.set(node, remake(node, (input) => twins.get(input)!, ops));

  const together = severalOf([...new Set(outputs.filter((node) => isSmall(node)))]);
  const apart = [...new Set(outputs)].filter((node) => !together.includes(node));
  const offsets = offsetsOf(together);
  const places = outputs.map((node) => (offsets.has(node) ? { offset: offsets.get(node)! } : { output: apart.indexOf(node) }));
  const results = apart.map((node) => twins.get(node)!);
  if (together.length > 0) results.push(ops.concat(together.map((node) => ops.reshape(twins.get(node)!, [sizeOf(node.shape)])), 0));
  return { graph: { inputs: made, outputs: results }, packed, places };
}

/** One alone stays as it is. */
function severalOf<Item>(items: readonly Item[]): readonly Item[] {
  return items.length > 1 ? items : [];
}

function isSmall({ shape, dtype }: GraphNode): boolean {
  return dtype === 'float32' && sizeOf(shape) > 0 && sizeOf(shape) <= small;
}

/** An input with the values of several; they are made parts of it. */
function unpack(inputs: readonly GraphNode[], twins: Map<GraphNode, GraphNode>, ops: GraphOps): GraphNode {
  const offsets = offsetsOf(inputs);
  const pack = ops.input([inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0)], 'float32');
  for (const node of inputs) twins.set(node, ops.reshape(ops.slice(pack, [offsets.get(node)!], [sizeOf(node.shape)]), node.shape));
  return pack;
}

function offsetsOf(nodes: readonly GraphNode[]): ReadonlyMap<GraphNode, number> {
  const offsets = new Map<GraphNode, number>();
  let offset = 0;
  for (const node of nodes) {
    offsets.set(node, offset);
    offset += sizeOf(node.shape);
  }
  return offsets;
}
