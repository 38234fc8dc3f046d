import { elementwise } from './elementwise';
import { graphBuilder, reachable, remake, uniformValue, type Graph, type GraphNode } from './graph';
import { graphOps, type MatMulAttributes } from './graph-ops';

/**
 * Pixels may be stored in any order where nothing but windows and sums looks at them. The gradient of a strided
 * convolution's input comes phase after phase: if its tensors, and all that are computed with them, are stored in that order,
 * the rows need not be put back, and the indices of windows, constants anyway, take account of it.
 */
export function orderRows({ inputs, outputs }: Graph): Graph {
  const nodes = reachable(outputs);
  const classes = rowClasses(nodes, new Set(outputs));
  const orders = chooseOrders(nodes, classes);
  if (orders.size === 0) return { inputs, outputs };
  const orderOf = (node: GraphNode) => orders.get(classes.find(node));
  const ops = graphOps(graphBuilder());
  const twins = new Map<GraphNode, GraphNode>(inputs.map((node) => [node, ops.input(node.shape, node.dtype)]));
  for (const node of nodes) if (!twins.has(node)) twins.set(node, make(node));
  return { inputs: inputs.map((node) => twins.get(node)!), outputs: outputs.map((node) => twins.get(node)!) };

  function make(node: GraphNode): GraphNode {
    const { kernel, attributes, shape } = node;
    if (kernel !== 'Windows') return remake(node, (input) => twins.get(input)!, ops);
    const [x, index] = node.inputs as [GraphNode, GraphNode];
    const rows = twins.get(x)!;
    const order = orderOf(node);
    if (order && order === index.values) return rows;
    const moved = reindex(index, orderOf(x), order);
    const isRun = index.shape[1] === 1 && moved[moved.length - 1]! < x.shape[1]! && moved.every((row, place) => row === moved[0]! + place);
    if (isRun) return ops.slice(rows, [0, moved[0]!, 0], shape);
    return ops.windows(rows, ops.constant(moved, index.shape, 'int32'), attributes['fill'] as number);
  }
}

/** An index whose rows are stored, and whose values are found, in other orders: place of each row. */
function reindex({ values, shape }: GraphNode, from: ArrayLike<number> | undefined, to: ArrayLike<number> | undefined): Int32Array {
  const [rows, taps] = shape as [number, number];
  const moved = new Int32Array(rows * taps);
  for (let row = 0; row < rows; row++)
    for (let tap = 0; tap < taps; tap++) {
      const value = values![row * taps + tap]!;
      moved[(to ? to[row]! : row) * taps + tap] = from && value < from.length ? from[value]! : value;
    }
  return moved;
}

interface RowClasses {
  find(node: GraphNode): GraphNode;
  /** Whether something looks at the rows of a class in their own order. */
  isFixed(node: GraphNode): boolean;
}

/** Tensors whose rows are the same things, and must be in one order. */
function rowClasses(nodes: readonly GraphNode[], outputs: ReadonlySet<GraphNode>): RowClasses {
  const parents = new Map<GraphNode, GraphNode>();
  const fixed = new Set<GraphNode>();
  const find = (node: GraphNode): GraphNode => {
    const parent = parents.get(node);
    return parent ? find(parent) : node;
  };
  const join = (a: GraphNode, b: GraphNode): void => {
    const [one, other] = [find(a), find(b)];
    if (one !== other) parents.set(one, other);
  };
  const fix = (node: GraphNode) => fixed.add(node);
  for (const node of nodes) {
    if (node.kernel === 'Input' || (node.values && uniformValue(node) === undefined) || outputs.has(node)) fix(node);
    relate(node, join, fix);
  }
  const fixedClasses = new Set([...fixed].map((node) => find(node)));
  return { find, isFixed: (node) => fixedClasses.has(find(node)) };
}

/** What a node says about the rows of its inputs and of itself. */
function relate(node: GraphNode, join: (a: GraphNode, b: GraphNode) => void, fix: (node: GraphNode) => void): void {
  const { kernel, inputs, attributes, shape } = node;
  const hasRows = (input: GraphNode) => uniformValue(input) === undefined && input.shape.length >= 2 && input.shape.at(-2)! > 1;
  const axes = attributes['axes'] as readonly number[] | undefined;
  if (kernel === 'Windows') return; // its index is rewritten
  if (kernel === 'Reshape' && shape.length === 3 && inputs[0]!.shape.length === 3 && shape[2] === inputs[0]!.shape[2]) return join(node, inputs[0]!);
  if (elementwise.has(kernel) && shape.length === 3) return inputs.filter((input) => hasRows(input)).forEach((input) => join(node, input));
  if (kernel === 'Concat' && attributes['axis'] === 2) return inputs.filter((input) => hasRows(input)).forEach((input) => join(node, input));
  if (kernel === 'Sum' && axes?.join() === '1' && inputs[0]!.shape.length === 3) return;
  const [a, b] = inputs;
  if (kernel === 'BatchMatMul' && a!.shape.length === 3) {
    const { transposeA, transposeB } = attributes as MatMulAttributes;
    if (transposeA && !transposeB && b!.shape.length === 3) return join(a!, b!);
    if (!transposeA) {
      fix(b!);
      return join(node, a!);
    }
  }
  for (const each of kernel === 'Concat' ? inputs : [node, ...inputs]) fix(each);
}

/** For each free class that a phase order is put back in: the place at which each pixel comes. */
function chooseOrders(nodes: readonly GraphNode[], { find, isFixed }: RowClasses): ReadonlyMap<GraphNode, ArrayLike<number>> {
  const orders = new Map<GraphNode, ArrayLike<number>>();
  const pixels = new Map<GraphNode, number>();
  const uneven = new Set<GraphNode>();
  const see = (node: GraphNode, count: number) => {
    const root = find(node);
    if ((pixels.get(root) ?? count) !== count) uneven.add(root);
    pixels.set(root, count);
  };
  for (const node of nodes)
    if (node.kernel === 'Windows') {
      see(node, node.shape[1]!);
      see(node.inputs[0]!, node.inputs[0]!.shape[1]!);
    }
  for (const node of nodes) {
    if (node.kernel !== 'Windows') continue;
    const [x, index] = node.inputs as [GraphNode, GraphNode];
    const root = find(node);
    const isOrder = index.shape[1] === 1 && x.kernel === 'Concat' && isPermutation(index.values!, x.shape[1]!);
    if (isOrder && !isFixed(node) && !uneven.has(root) && !orders.has(root)) orders.set(root, index.values!);
  }
  return orders;
}

function isPermutation(values: ArrayLike<number>, size: number): boolean {
  return values.length === size && new Set(Array.from(values)).size === size && Array.from(values).every((value) => value < size);
}
