import { spell } from '../core/spell';
import { reachable, type Graph, type GraphNode } from '../graph/graph';

/** The size of an axis: a number or, where it grows with the number of samples, so many for each of them. */
export type Size = number | { readonly perSample: number };

/** The sizes of each node's axes. */
export type Sizes = ReadonlyMap<GraphNode, readonly Size[]>;

/** A function traced for a number of samples. */
export interface TracedFor {
  readonly graph: Graph;
  readonly samples: number;
}

/**
 * What two traces of one function, for different numbers of samples, tell of any number: the sizes of the axes of the first
 * one's nodes. A sentence's end where they tell nothing, since something else than sizes depends on the number.
 */
export function sizesForAnyNumber(one: TracedFor, other: TracedFor): Sizes | string {
  const [nodes, twins] = [reachable(one.graph.outputs), reachable(other.graph.outputs)];
  if (nodes.length !== twins.length) return 'its operations depend on the number of samples';
  const places = new Map<GraphNode, number>();
  nodes.forEach((node, index) => places.set(node, index).set(twins[index]!, index));
  const found = new Map<GraphNode, readonly Size[]>();
  for (const [index, node] of nodes.entries()) {
    const twin = twins[index]!;
    const sizes = node.shape.map((size, axis) => sizeFrom(size, one.samples, twin.shape[axis], other.samples));
    const sameInputs = node.inputs.length === twin.inputs.length && node.inputs.every((input, at) => places.get(input) === places.get(twin.inputs[at]!));
    if (node.kernel !== twin.kernel || !sameInputs || node.shape.length !== twin.shape.length || !sameOtherwise(node, twin) || sizes.includes(undefined))
      return `${node.kernel === 'Constant' ? 'a number' : node.kernel} in it depends on the number of samples`;
    found.set(node, sizes as readonly Size[]); // none is undefined
  }
  return found;
}

function sizeFrom(size: number, samples: number, otherSize: number | undefined, otherSamples: number): Size | undefined {
  if (size === otherSize) return size;
  const perSample = size / samples;
  return Number.isInteger(perSample) && perSample * otherSamples === otherSize ? { perSample } : undefined;
}

/** What shapes tell already. */
const toldByShapes = new Set(['size', 'images']);

function sameOtherwise(node: GraphNode, twin: GraphNode): boolean {
  const names = Object.keys({ ...node.attributes, ...twin.attributes }).filter((name) => !toldByShapes.has(name));
  if (names.some((name) => spell(node.attributes[name]) !== spell(twin.attributes[name]))) return false;
  const [values, others] = [node.values ?? [], twin.values ?? []];
  return values.length === others.length && Array.from(values).every((value, at) => Object.is(value, others[at]));
}
