import { sameShape, type Shape } from '../core/shape';
import { elementwise } from './elementwise';
import { graphBuilder, reachable, remake, uniformValue, type Graph, type GraphNode } from './graph';
import { isNormal } from './factors';
import { alongside, graphOps, type GraphOps } from './graph-ops';
import { usersOf } from './users';

/** A graph whose inputs may stand for one input of the function in several shapes. */
export interface Polished {
  readonly graph: Graph;
  /** For each input of the graph, the function's input whose values it takes. */
  readonly sources: readonly number[];
}

/** Larger indices would make the model large. */
const largestIndex = 1 << 20;

/**
 * The last touches, for which one must know who uses a node: a runtime spends microseconds on every node, so that a reshape
 * is done where it is free (an input is fed in another shape, an output's values are its values in any shape, a sum
 * keeps its axes or not), and a number that scales a product or a sum goes into it.
 */
export function polish({ inputs, outputs }: Graph): Polished {
  const users = usersOf(outputs);
  const ops = graphOps(graphBuilder());
  const twins = new Map<GraphNode, GraphNode>();
  const variants = variantInputs(inputs, ops);
  for (const [index, node] of inputs.entries()) twins.set(node, variants.of(index, node.shape));
  const twin = (node: GraphNode) => twins.get(node)!;
  const isOwn = (node: GraphNode) => users.get(node)?.length === 1;

  /** The node's values in another shape. */
  function reshaped(node: GraphNode, shape: Shape): GraphNode {
    if (sameShape(node.shape, shape)) return twin(node);
    if (node.kernel === 'Reshape') return reshaped(node.inputs[0]!, shape);
    if (node.kernel === 'Input') return variants.of(inputs.indexOf(node), shape);
    if (node.values) return ops.constant(node.values, shape, node.dtype);
    if (node.kernel === 'Sum' && isOwn(node)) {
      const { attributes, inputs: [x], dtype } = node;
      const kept = ops.reduce('Sum', twin(x!), attributes['axes'] as number[], !attributes['keepDims']);
      if (sameShape(kept.shape, shape)) return ops.node('Sum', kept.inputs, { ...attributes, keepDims: !attributes['keepDims'] }, shape, dtype);
    }
    const shapes = node.inputs.map((input) => (sameShape(input.shape, node.shape) ? shape : alongside(input.shape, node.shape, shape)));
    if (elementwise.has(node.kernel) && isOwn(node) && !shapes.includes(undefined) && costOfReshape(node) <= 1) {
      const operands = node.inputs.map((input, index) => reshaped(input, shapes[index]!));
      return ops.node(node.kernel, operands, node.attributes, shape, node.dtype);
    }
    return reshape(twin(node), shape);
  }

  /** How many reshapes it takes to compute a node in another shape. */
  function costOfReshape(node: GraphNode): number {
    const { kernel, values, shape } = node;
    if (values || shape.length === 0 || kernel === 'Reshape' || kernel === 'Input' || (kernel === 'Sum' && isOwn(node))) return 0;
    if (!elementwise.has(kernel) || !isOwn(node)) return 1;
    return node.inputs.reduce((cost, input) => cost + costOfReshape(input), 0);
  }

  function scaled(node: GraphNode): GraphNode | undefined {
    if (node.kernel !== 'Multiply') return undefined;
    const [a, b] = node.inputs as [GraphNode, GraphNode];
    for (const [whole, number] of [[a, b], [b, a]] as const) {
      const value = uniformValue(number);
      if (value === undefined || !isOwn(whole) || !sameShape(whole.shape, node.shape)) continue;
      const { attributes, shape } = whole;
      const operands = whole.inputs.map((input) => twin(input));
      const name = whole.kernel === 'BatchMatMul' ? 'alpha' : whole.kernel === 'Sum' && whole.dtype === 'float32' ? 'scale' : undefined;
      const scale = name && value * ((attributes[name] as number | undefined) ?? 1);
      if (name && isNormal(scale!)) return ops.node(whole.kernel, operands, { ...attributes, [name]: scale }, shape);
    }
    return undefined;
  }

  /** Windows of many images as windows of one list of rows, which spares the reshapes to images and back. */
  function flatWindows(node: GraphNode): GraphNode | undefined {
    const [x, index] = node.inputs as [GraphNode, GraphNode];
    const source = x.kernel === 'Reshape' ? x.inputs[0]! : x;
    const [tasks, , channels] = source.shape as [number, number, number];
    const images = x.shape[0]! / tasks;
    const [rows, taps] = index.shape as [number, number];
    if (x.shape.length !== 3 || source.shape.length !== 3 || channels !== x.shape[2] || images <= 1 || images * rows * taps > largestIndex) return undefined;
    const flat = ops.constant(repeatIndex(index.values!, images, x.shape[1]!), [images * rows, taps], 'int32');
    return reshape(ops.windows(twin(source), flat, node.attributes['fill'] as number), node.shape);
  }

  function reshape(node: GraphNode, shape: Shape): GraphNode {
    return node.kernel === 'Reshape' ? reshape(node.inputs[0]!, shape) : ops.reshape(node, shape);
  }

  for (const node of reachable(outputs))
    if (!twins.has(node)) twins.set(node, make(node));

  function make(node: GraphNode): GraphNode {
    const { kernel, shape } = node;
    if (kernel === 'Reshape') return reshaped(node.inputs[0]!, shape);
    if (kernel === 'Windows') return flatWindows(node) ?? remake(node, twin, ops);
    return scaled(node) ?? remake(node, (input) => (elementwise.has(kernel) ? operand(input, node) : twin(input)), ops);
  }

  /** An operand need not be given axes of size 1 in front: it broadcasts. */
  function operand(node: GraphNode, user: GraphNode): GraphNode {
    const source = node.kernel === 'Reshape' ? node.inputs[0]! : node;
    const added = node.shape.length - source.shape.length;
    const isBroadcast = added > 0 && sameShape(node.shape, [...new Array<number>(added).fill(1), ...source.shape]);
    const isWhole = user.inputs.some((other) => other.kernel !== 'Reshape' && sameShape(other.shape, user.shape));
    return isBroadcast && isWhole ? twin(source) : twin(node);
  }

  const unshaped = (node: GraphNode): GraphNode => (node.kernel === 'Reshape' ? unshaped(node.inputs[0]!) : node);
  return { graph: { inputs: variants.all(), outputs: outputs.map((node) => twin(unshaped(node))) }, sources: variants.sources() };
}

/** The index for so many images of so many pixels, one after another; padding comes after the last. */
function repeatIndex(values: ArrayLike<number>, images: number, pixels: number): Int32Array {
  const repeated = new Int32Array(images * values.length);
  for (let image = 0; image < images; image++)
    for (let at = 0; at < values.length; at++)
      repeated[image * values.length + at] = values[at]! < pixels ? image * pixels + values[at]! : images * pixels;
  return repeated;
}

/** Inputs of the graph, one for each shape in which an input of the function is asked for. */
function variantInputs(inputs: readonly GraphNode[], ops: GraphOps) {
  const made: { readonly source: number; readonly node: GraphNode }[] = [];
  return {
    of(source: number, shape: Shape): GraphNode {
      const known = made.find((variant) => variant.source === source && sameShape(variant.node.shape, shape));
      if (known) return known.node;
      const node = ops.input(shape, inputs[source]!.dtype);
      made.push({ source, node });
      return node;
    },
    all: () => made.map(({ node }) => node),
    sources: () => made.map(({ source }) => source),
  };
}
