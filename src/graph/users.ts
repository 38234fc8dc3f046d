import { reachable, type GraphNode } from './graph';

/** How often each node is an input of another, or an output. */
export function countUsers(outputs: readonly GraphNode[]): ReadonlyMap<GraphNode, number> {
  const users = new Map<GraphNode, number>();
  const add = (node: GraphNode) => users.set(node, (users.get(node) ?? 0) + 1);
  for (const node of reachable(outputs)) node.inputs.forEach((input) => add(input));
  outputs.forEach((node) => add(node));
  return users;
}
