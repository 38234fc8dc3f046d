import { elementwise } from './elementwise';
import { graphBuilder, reachable, remake, type Graph, type GraphNode } from './graph';
import { graphOps } from './graph-ops';

/**
 * With one task the task axis is of size 1, and a runtime multiplies two plain matrices better than a batch of one: bias
 * and activation fuse with the product. What has three axes or more, the first of size 1, is computed without that axis.
 */
export function dropTaskAxis({ inputs, outputs }: Graph): Graph {
  const ops = graphOps(graphBuilder());
  const wholes = new Map<GraphNode, GraphNode>();
  const parts = new Map<GraphNode, GraphNode>();

  /** With all axes. */
  function whole(node: GraphNode): GraphNode {
    const known = wholes.get(node);
    if (known) return known;
    const made = ops.reshape(parts.get(node)!, node.shape); // one of the two is there
    wholes.set(node, made);
    return made;
  }

  /** Without the first axis where it is of size 1. */
  function part(node: GraphNode): GraphNode {
    if (!hasTaskAxis(node)) return whole(node);
    const known = parts.get(node);
    if (known) return known;
    const shape = node.shape.slice(1);
    const made = node.values ? ops.constant(node.values, shape, node.dtype) : ops.reshape(wholes.get(node)!, shape);
    parts.set(node, made);
    return made;
  }

  function make(node: GraphNode): void {
    const { kernel, attributes, shape, dtype, values } = node;
    if (values) return void wholes.set(node, remake(node, whole, ops));
    const x = node.inputs[0]!;
    const [, ...rest] = shape;
    const set = (made: GraphNode) => void (hasTaskAxis(node) ? parts.set(node, made) : wholes.set(node, ops.reshape(made, shape)));
    if (kernel === 'Reshape') return set(ops.reshape(parts.get(x) ?? wholes.get(x)!, hasTaskAxis(node) ? rest : shape));
    const axes = ((attributes['axes'] ?? []) as readonly number[]).filter((axis) => axis > 0).map((axis) => axis - 1);
    if (reductions.has(kernel) && hasTaskAxis(x) && axes.length > 0) {
      const { shape: reduced } = ops.reduce(kernel, part(x), axes, attributes['keepDims'] as boolean);
      return set(ops.node(kernel, [part(x)], { ...attributes, axes }, reduced, dtype));
    }
    const without = hasTaskAxis(node) ? attributesWithout(node) : undefined;
    if (without) return set(ops.node(kernel, node.inputs.map((input) => (input.shape.length === shape.length ? part(input) : whole(input))), without, rest, dtype));
    wholes.set(node, remake(node, whole, ops));
  }

  for (const input of inputs) wholes.set(input, ops.input(input.shape, input.dtype));
  for (const node of reachable(outputs)) if (!wholes.has(node)) make(node);
  return { inputs: inputs.map((node) => wholes.get(node)!), outputs: outputs.map((node) => whole(node)) };
}

const reductions = new Set(['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any']);

function hasTaskAxis({ shape }: GraphNode): boolean {
  return shape.length >= 3 && shape[0] === 1;
}

/** A kernel's attributes where its tensors have one axis less in front; undefined where it cannot do without. */
function attributesWithout({ kernel, attributes, inputs }: GraphNode): GraphNode['attributes'] | undefined {
  if (elementwise.has(kernel) || kernel === 'BatchMatMul') return attributes;
  if (inputs[0]!.shape[0] !== 1) return undefined; // a slice, or windows, of more
  if (kernel === 'Windows') return attributes;
  if (kernel === 'Transpose') {
    const [first, ...perm] = attributes['perm'] as readonly number[];
    return first === 0 ? { perm: perm.map((axis) => axis - 1) } : undefined;
  }
  if (kernel === 'Concat') {
    const axis = attributes['axis'] as number;
    return axis > 0 ? { axis: axis - 1 } : undefined;
  }
  if (kernel === 'Slice') {
    const [begin, size] = [attributes['begin'] as readonly number[], attributes['size'] as readonly number[]];
    return { begin: begin.slice(1), size: size.slice(1) };
  }
  return undefined;
}
