import { reachable, type GraphNode } from './graph';

/** What needs a node: another, of which it is an input, or whoever asked for the outputs. */
export type User = GraphNode | 'output';

/** The users of each node, one that needs it twice twice. */
export function usersOf(outputs: readonly GraphNode[]): ReadonlyMap<GraphNode, readonly User[]> {
  const nodes = reachable(outputs);
  const users = new Map<GraphNode, User[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const input of node.inputs) users.get(input)!.push(node);
  for (const node of outputs) users.get(node)!.push('output');
  return users;
}
