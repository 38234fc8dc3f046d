import { EngineError } from '../core/errors';
import type { HostValues } from '../core/host-tensor';
import { formatShape, sameShape, sizeOf } from '../core/shape';
import { reachable, uniformValue, type Graph, type GraphNode } from '../graph/graph';
import { usersOf } from '../graph/users';
import { bare, jsExpressions, literal } from './js-expressions';
import type { JsFunctionName } from './js-functions';
import { jsLowerings } from './js-lowerings';
import { broadcastStrides, loops } from './loops';

/** A graph of one input and one output as statements of JavaScript. */
export interface JsProgram {
  /** Constants that the module stores, in the order of their bytes: `name` is an array of them. */
  readonly stored: readonly { readonly name: string; readonly values: HostValues; readonly comment: string }[];
  /** Statements that are run once: the arrays, and what depends on the weights alone. */
  readonly once: readonly string[];
  /** Statements that compute the output of the input, the array `x`. */
  readonly run: readonly string[];
  /** The array of the output. */
  readonly output: string;
  readonly functions: ReadonlySet<JsFunctionName>;
}

/** So many operations stand in one expression at most. */
const longestExpression = 6;

/** @throws EngineError naming a kernel that has no lowering */
export function jsProgram({ inputs, outputs }: Graph): JsProgram {
  const [input, output] = [inputs[0]!, outputs[0]!];
  const nodes = reachable(outputs);
  const users = usersOf(outputs);
  const stored: { name: string; values: HostValues; comment: string }[] = [];
  const once: string[] = [];
  const run: string[] = [];
  const functions = new Set<JsFunctionName>();
  const arrays = new Map<GraphNode, string>([[input, 'x']]);
  const fixed = new Set<GraphNode>();
  const lengths = new Map<GraphNode, number>();
  let count = 0;

  const call = (name: JsFunctionName) => (functions.add(name), name);

  function newArray(size: number, kind: 'v' | 'w', comment?: string): string {
    const name = `${kind}${count++}`;
    once.push(`const ${name} = new Float64Array(${size});${comment === undefined ? '' : ` // ${comment}`}`);
    return name;
  }

  /** The array of a node's values. */
  function array(node: GraphNode): string {
    const known = arrays.get(node);
    if (known !== undefined) return known;
    const made = node.kernel === 'Reshape' ? array(node.inputs[0]!) : node.values ? constant(node) : newArray(sizeOf(node.shape), fixed.has(node) ? 'w' : 'v', `${node.kernel} ${formatShape(node.shape)}`);
    arrays.set(node, made);
    return made;
  }

  function constant(node: GraphNode): string {
    const name = `w${count++}`;
    const value = uniformValue(node);
    if (value !== undefined) once.push(`const ${name} = new Float64Array(${sizeOf(node.shape)}).fill(${literal(value)});`);
    else stored.push({ name, values: node.values!, comment: formatShape(node.shape) });
    return name;
  }

  /** Whether an elementwise node stands in the expression of the only one that uses it. */
  function isInline(node: GraphNode): boolean {
    const [user, ...others] = users.get(node) ?? [];
    if (!isElementwise(node) || user === undefined || user === 'output' || others.length > 0) return false;
    const fits = isElementwise(user) && sameShape(user.shape, node.shape) && fixed.has(user) === fixed.has(node);
    return fits && (lengths.get(node) ?? 0) < longestExpression;
  }

  /** The expression of an elementwise node, and the arrays that it reads at the indices. */
  function expressionOf(node: GraphNode, leaves: GraphNode[]): (indices: readonly string[]) => string {
    const operands = node.inputs.map((operand) => {
      const value = uniformValue(operand);
      if (value !== undefined) return () => literal(value);
      if (isInline(operand)) return expressionOf(operand, leaves);
      const at = leaves.push(operand) - 1;
      const name = array(operand);
      return (indices: readonly string[]) => `${name}[${indices[at]}]`;
    });
    return (indices) => jsExpressions[node.kernel]!(operands.map((operand) => operand(indices)), node, call);
  }

  function elementwise(node: GraphNode): readonly string[] {
    const leaves: GraphNode[] = [];
    const expression = expressionOf(node, leaves);
    const out = array(node);
    const walks = [node, ...leaves].map(({ shape }) => ({ strides: broadcastStrides(shape, node.shape) }));
    return loops(node.shape, walks, ([to, ...indices]) => [`${out}[${to}] = ${bare(expression(indices))};`]);
  }

  for (const node of nodes) {
    if (node.values || (node.kernel !== 'Input' && node.inputs.every((each) => fixed.has(each)))) fixed.add(node);
    if (isElementwise(node)) lengths.set(node, 1 + node.inputs.reduce((sum, each) => sum + (isInline(each) ? lengths.get(each)! : 0), 0));
  }
  for (const node of nodes) {
    if (node.kernel === 'Input' || node.values || node.kernel === 'Reshape' || isInline(node)) continue;
    const lowering = Object.hasOwn(jsLowerings, node.kernel) ? jsLowerings[node.kernel] : undefined;
    if (!lowering && !isElementwise(node))
      throw new EngineError(`toJavaScript: expected operations that can be written as JavaScript, got ${node.kernel}; write the network with others.`);
    const statements = lowering ? lowering(node, { out: array(node), array, call, scratch: (size) => newArray(size, 'v') }) : elementwise(node);
    (fixed.has(node) ? once : run).push(...statements);
  }
  return { stored, once, run, output: array(output), functions };
}

function isElementwise({ kernel }: GraphNode): boolean {
  return Object.hasOwn(jsExpressions, kernel);
}
