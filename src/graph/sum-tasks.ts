import { sameShape } from '../core/shape';
import { graphBuilder, reachable, remake, type Graph, type GraphNode } from './graph';
import { graphOps, type MatMulAttributes } from './graph-ops';
import { usersOf } from './users';

/**
 * A meta-gradient is a sum over tasks. Where a task's own part of it is a product over its examples and nothing else needs
 * it, one product over the examples of all tasks gives the sum: Σ_t A_tᵀ B_t = Aᵀ B with the rows of all tasks below each other.
 */
export function sumTasks({ inputs, outputs }: Graph): Graph {
  const users = usersOf(outputs);
  const ops = graphOps(graphBuilder());
  const twins = new Map<GraphNode, GraphNode>(inputs.map((node) => [node, ops.input(node.shape, node.dtype)]));
  const twin = (node: GraphNode) => twins.get(node)!;

  /** The sum over the first axis `[T, ...rest]` → `[...rest]`; undefined where it is not to be had more cheaply. */
  function total(node: GraphNode): GraphNode | undefined {
    if (users.get(node)?.length !== 1) return undefined;
    const { kernel, attributes, shape } = node;
    const [tasks, ...rest] = shape as [number, ...number[]];
    const [a, b] = node.inputs as [GraphNode, GraphNode];
    if (kernel === 'Reshape' && a.shape[0] === tasks) {
      const sum = total(a);
      return sum && ops.reshape(sum, rest);
    }
    if (kernel === 'Add' && sameShape(a.shape, b.shape)) {
      const [one, other] = [total(a), total(b)];
      return one || other ? ops.binary('Add', one ?? plain(a), other ?? plain(b)) : undefined;
    }
    if (kernel === 'BatchMatMul') {
      const { transposeA, transposeB, alpha = 1 } = attributes as MatMulAttributes;
      const isOverExamples = transposeA && !transposeB && a.shape.length === 3 && b.shape.length === 3 && a.shape[0] === b.shape[0];
      return isOverExamples ? ops.matMul(rows(a), rows(b), { transposeA: true, alpha }) : undefined;
    }
    const isRowSum = kernel === 'Sum' && a.shape.length === 3 && (attributes['axes'] as readonly number[]).join() === '1';
    return isRowSum ? ops.node('Sum', [rows(a)], { ...attributes, axes: [0] }, rest) : undefined;
  }

  /** Rows of all tasks below each other: `[T, n, F]` → `[T n, F]`. */
  function rows(node: GraphNode): GraphNode {
    const [tasks, count, width] = node.shape as [number, number, number];
    return ops.reshape(twin(node), [tasks * count, width]);
  }

  const plain = (node: GraphNode) => ops.reduce('Sum', twin(node), [0]);

  function make(node: GraphNode): GraphNode {
    const { kernel, attributes, shape, dtype } = node;
    const isTaskSum = kernel === 'Sum' && dtype === 'float32' && (attributes['axes'] as readonly number[]).join() === '0' && attributes['scale'] === undefined;
    const sum = isTaskSum && node.inputs[0]!.shape[0]! > 1 ? total(node.inputs[0]!) : undefined;
    return sum ? ops.reshape(sum, shape) : remake(node, twin, ops);
  }

  for (const node of reachable(outputs)) if (!twins.has(node)) twins.set(node, make(node));
  return { inputs: inputs.map((node) => twin(node)), outputs: outputs.map((node) => twin(node)) };
}
