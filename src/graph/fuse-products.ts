import { sameShape, type Shape } from '../core/shape';
import { graphBuilder, reachable, remake, type Graph, type GraphNode } from './graph';
import { graphOps, isScalar, type MatMulAttributes } from './graph-ops';
import { usersOf } from './users';

/** Of a `Gemm` of A, B and C: activation(alpha · A B + beta · C), matrices without a task axis; C broadcasts. */
export interface GemmAttributes extends Required<MatMulAttributes> {
  readonly beta: number;
  readonly activation?: 'Relu';
}

/**
 * Products of plain matrices take what comes after them along: a bias, the weights that a gradient step starts from, a
 * second product, a relu.
 */
export function fuseProducts({ inputs, outputs }: Graph): Graph {
  const nodes = reachable(outputs);
  const users = usersOf(outputs);
  const ops = graphOps(graphBuilder());
  const twins = new Map<GraphNode, GraphNode>(inputs.map((node) => [node, ops.input(node.shape, node.dtype)]));
  const fusions: Readonly<Record<string, (node: GraphNode) => GraphNode | undefined>> = { Add: sum, Sub: difference, Relu: relu, Step: step };
  for (const node of nodes) twin(node);
  return { inputs: inputs.map((node) => twins.get(node)!), outputs: outputs.map((node) => twins.get(node)!) };

  function twin(node: GraphNode): GraphNode {
    const known = twins.get(node);
    if (known) return known;
    const made = fusions[node.kernel]?.(node) ?? remake(node, twin, ops);
    twins.set(node, made);
    return made;
  }

  /** The parts of a node that is a product and nothing else needs. */
  function product(node: GraphNode): Product | undefined {
    const { kernel, attributes, shape } = node;
    if (users.get(node)?.length !== 1 || shape.length !== 2) return undefined;
    if (kernel === 'BatchMatMul') {
      const { transposeA = false, transposeB = false, alpha = 1 } = attributes as MatMulAttributes;
      return { a: twin(node.inputs[0]!), b: twin(node.inputs[1]!), transposeA, transposeB, alpha };
    }
    const [x] = node.inputs as [GraphNode];
    if (kernel === 'Sum' && (attributes['axes'] as readonly number[]).join() === '0' && x.shape.length === 2) {
      const scale = (attributes['scale'] as number | undefined) ?? 1;
      return { a: ops.constant(1, [1, x.shape[0]!]), b: twin(x), transposeA: false, transposeB: false, alpha: scale };
    }
    return kernel === 'Multiply' ? (outerProduct(node) ?? scaledProduct(node)) : undefined;
  }

  /** A column times a row. */
  function outerProduct({ inputs: [x, y], dtype }: GraphNode): Product | undefined {
    const [a, b] = x!.shape.at(-1) === 1 ? [x!, y!] : [y!, x!];
    const isProduct = dtype === 'float32' && a.shape.length === 2 && b.shape.length === 2 && a.shape[1] === 1 && b.shape[0] === 1;
    return isProduct ? { a: twin(a), b: twin(b), transposeA: false, transposeB: false, alpha: 1 } : undefined;
  }

  /** A product times a number that is not known yet: the smaller of its factors takes it. */
  function scaledProduct(node: GraphNode): Product | undefined {
    const [x, y] = node.inputs as [GraphNode, GraphNode];
    const [whole, number] = isScalar(y) ? [x, y] : [y, x];
    if (!isScalar(number) || number.shape.length > 0 || whole.kernel === 'Multiply') return undefined;
    const parts = product(whole);
    return parts && { ...parts, b: ops.binary('Multiply', parts.b, twin(number)) };
  }

  function gemm({ a, b, ...parts }: Product, c: GraphNode, how: Pick<GemmAttributes, 'alpha' | 'beta'>, shape: Shape): GraphNode {
    return ops.node('Gemm', [a, b, c], { ...parts, ...how } satisfies GemmAttributes, shape);
  }

  function sum(node: GraphNode): GraphNode | undefined {
    const [x, y] = node.inputs as [GraphNode, GraphNode];
    for (const [whole, c] of [[x, y], [y, x]] as const) {
      if (!sameShape(whole.shape, node.shape) || !broadcastsTo(c, node.shape)) continue;
      const parts = product(whole);
      if (parts) return gemm(parts, twin(c), { alpha: parts.alpha, beta: 1 }, node.shape);
    }
    return undefined;
  }

  function difference(node: GraphNode): GraphNode | undefined {
    const [x, y] = node.inputs as [GraphNode, GraphNode];
    for (const [whole, c, sign] of [[y, x, -1], [x, y, 1]] as const) {
      if (!sameShape(whole.shape, node.shape) || !broadcastsTo(c, node.shape)) continue;
      const parts = product(whole);
      if (parts) return gemm(parts, twin(c), { alpha: sign * parts.alpha, beta: -sign }, node.shape);
    }
    return undefined;
  }

  /** A sum with a product that only its relu, and where that is positive, is needed of. */
  function activated(node: GraphNode): boolean {
    return twin(node).kernel === 'Gemm' && users.get(node)!.every((user) => user !== 'output' && ['Relu', 'Step'].includes(user.kernel));
  }

  function relu({ inputs: [x] }: GraphNode): GraphNode | undefined {
    if (!activated(x!)) return undefined;
    const { inputs, attributes, shape } = twin(x!);
    return ops.node('Gemm', inputs, { ...attributes, activation: 'Relu' }, shape);
  }

  /** Positive where the relu is. */
  function step({ inputs: [x], attributes, shape }: GraphNode): GraphNode | undefined {
    const rectified = users.get(x!)!.find((user) => user !== 'output' && user.kernel === 'Relu');
    return rectified && rectified !== 'output' && activated(x!) ? ops.node('Step', [twin(rectified)], attributes, shape) : undefined;
  }
}

interface Product extends Required<MatMulAttributes> {
  readonly a: GraphNode;
  readonly b: GraphNode;
}

function broadcastsTo({ shape, dtype }: GraphNode, target: Shape): boolean {
  const missing = target.length - shape.length;
  return dtype === 'float32' && missing >= 0 && shape.every((size, axis) => size === 1 || size === target[axis + missing]);
}
