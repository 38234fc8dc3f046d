import { sameShape, sizeOf, type Shape } from '../core/shape';
import { uniformValue, type GraphNode } from './graph';
import type { Make } from './simplify';

/**
 * A tensor as a core times factors that are numbers, or one number a column: the form in which a product with few values
 * can be moved off many.
 */
export interface Factored {
  /** Undefined where all of it is factors. */
  readonly core: GraphNode | undefined;
  readonly factors: readonly GraphNode[];
}

/** Takes a product apart, as a tensor of this shape. */
export function factorize(node: GraphNode, make: Make, shape: Shape = node.shape): Factored {
  if (isFactor(node, shape)) return { core: undefined, factors: flatten(node, make) };
  if (node.kernel !== 'Multiply') return { core: node, factors: [] };
  const [a, b] = node.inputs as [GraphNode, GraphNode];
  for (const [whole, scale] of [[a, b], [b, a]] as const)
    if (sameShape(whole.shape, node.shape) && isFactor(scale, node.shape)) {
      const own = flatten(scale, make);
      if (own.some((factor) => isDividedByIts(whole, factor))) return { core: node, factors: [] };
      const { core, factors } = factorize(whole, make);
      return canMeet([...factors, ...own]) ? { core, factors: [...factors, ...own] } : { core: whole, factors: own };
    }
  return { core: node, factors: [] };
}

/** Whether the numbers among the factors may be multiplied at once: 1e30 twice would be infinite, whatever they scale. */
export function canMeet(factors: readonly GraphNode[]): boolean {
  const numbers = factors.flatMap((factor) => uniformValue(factor) ?? []);
  return isNormal(numbers.reduce((total, number) => total * number, 1)) || !numbers.every((number) => isNormal(number));
}

/** Neither 0, nor so small that float32 keeps fewer digits, nor beyond its range. */
export function isNormal(value: number): boolean {
  const size = Math.abs(Math.fround(value));
  return size >= 2 ** -126 && size < Infinity;
}

/**
 * Whether the factor is one over something of x, as in u = x / max|x|, which is in range for an x of any size; x² need not
 * be, so that u stays whole in u². Over a root, it was x² that was summed.
 */
function isDividedByIts(x: GraphNode, { kernel, inputs }: GraphNode): boolean {
  const divisor = inputs.at(-1);
  if ((kernel !== 'Reciprocal' && kernel !== 'RealDiv') || divisor!.kernel === 'Sqrt') return false;
  const whole = x.kernel === 'Reshape' ? x.inputs[0]! : x;
  const seen = new Set<GraphNode>();
  const isOf = (node: GraphNode): boolean => {
    if (node === whole) return true;
    if (node.id < whole.id || seen.has(node)) return false; // inputs have smaller numbers
    seen.add(node);
    return node.inputs.some((input) => isOf(input));
  };
  return isOf(divisor!);
}

/** A number, or one number a column where there are several rows. */
function isFactor(node: GraphNode, shape: Shape): boolean {
  if (node.dtype !== 'float32') return false;
  if (uniformValue(node) !== undefined) return true;
  const rows = node.shape.length < 2 ? 1 : node.shape.at(-2)!;
  return rows === 1 && sizeOf(node.shape) < sizeOf(shape) && (shape.at(-2) ?? 1) > 1;
}

function flatten(node: GraphNode, make: Make): readonly GraphNode[] {
  if (node.kernel === 'Multiply') return node.inputs.flatMap((input) => flatten(input, make));
  const [inner] = node.inputs;
  const size = sizeOf(node.shape);
  const isRow = node.kernel === 'Reshape' && inner!.kernel === 'Multiply' && size === node.shape.at(-1);
  const isWhole = isRow && inner!.inputs.every((input) => [1, size].includes(sizeOf(input.shape))); // nothing repeats in it
  if (!isWhole) return [node];
  // A row that was reshaped as a whole: its own factors, each reshaped.
  return inner!.inputs.flatMap((input) => flatten(sizeOf(input.shape) === 1 ? input : make.reshape(input, node.shape), make));
}

/** Factors in one tensor of few values; numbers are multiplied at once. Undefined where there are none. */
export function product(factors: readonly GraphNode[], make: Make): GraphNode | undefined {
  const constant = factors.reduce((total, factor) => total * (uniformValue(factor) ?? 1), 1);
  const rest = factors.filter((factor) => uniformValue(factor) === undefined);
  const sorted = [...rest].sort((a, b) => sizeOf(a.shape) - sizeOf(b.shape) || a.id - b.id);
  const parts = constant === 1 ? sorted : [make.constant(constant, []), ...sorted];
  return parts.length === 0 ? undefined : parts.reduce((total, factor) => make.raw.binary('Multiply', total, factor));
}

/** The tensor again; where it was all factors, before it was copied to its shape. */
export function join({ core, factors }: Factored, make: Make): GraphNode {
  const scale = product(factors, make);
  if (!core) return scale ?? make.constant(1, []);
  return scale ? make.raw.binary('Multiply', core, scale) : core;
}

/** What of `factors` is not in `common`, each as often as it is left. */
export function without(factors: readonly GraphNode[], common: readonly GraphNode[]): readonly GraphNode[] {
  const left = [...factors];
  for (const factor of common) left.splice(left.indexOf(factor), 1);
  return left;
}

/** Factors that all the lists have. */
export function intersection(lists: readonly (readonly GraphNode[])[]): readonly GraphNode[] {
  const [first = [], ...others] = lists;
  const left = others.map((list) => [...list]);
  return first.filter((factor) => {
    if (!left.every((list) => list.includes(factor))) return false;
    for (const list of left) list.splice(list.indexOf(factor), 1);
    return true;
  });
}
