import { sizeOf } from '../core/shape';
import type { Graph, GraphNode } from './graph';
import { reachable, uniformValue } from './graph';

/** Bytes of one tensor; a constant of equal values takes one. */
function bytesOf(node: GraphNode): number {
  const each = node.dtype === 'bool' ? 1 : 4;
  return uniformValue(node) === undefined ? each * sizeOf(node.shape) : each;
}

/** Bytes of all tensors that the graph makes together: what they take where nothing is freed before the end. */
export function totalBytes({ outputs }: Graph): number {
  return reachable(outputs).reduce((sum, node) => sum + bytesOf(node), 0);
}

/**
 * Bytes of the tensors that are alive at once, where they are most: each from when it is made to its last use, in the order of
 * the nodes. Inputs and outputs live throughout. What a kernel needs for itself is not in it.
 */
export function peakBytes({ inputs, outputs }: Graph): number {
  const nodes = reachable(outputs);
  const holderOf = (node: GraphNode): GraphNode => (node.kernel === 'Reshape' ? holderOf(node.inputs[0]!) : node); // the same values in another form
  const lastUse = new Map<GraphNode, number>();
  nodes.forEach((node, index) => node.inputs.forEach((input) => lastUse.set(holderOf(input), index)));
  for (const node of [...inputs, ...outputs]) lastUse.set(holderOf(node), Infinity);
  const freedAfter = new Map<number, number>();
  for (const [node, index] of lastUse) freedAfter.set(index, (freedAfter.get(index) ?? 0) + bytesOf(node));
  let [alive, peak] = [0, 0];
  nodes.forEach((node, index) => {
    if (holderOf(node) === node) alive += bytesOf(node);
    peak = Math.max(peak, alive);
    alive -= freedAfter.get(index) ?? 0;
  });
  return peak;
}
