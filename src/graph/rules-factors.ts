import { sameShape, sizeOf, type Shape } from '../core/shape';
import { uniformValue, type GraphNode } from './graph';
import { type MatMulAttributes } from './graph-ops';
import { canMeet, factorize, intersection, isNormal, join, product, without, type Factored } from './factors';
import type { Candidate, Make, Rules } from './simplify';

/**
 * Moves factors off tensors of many values: a batch norm's scale, a learning rate, one over the number of examples. A sum,
 * a product of matrices or a convolution of `x · s` is that of x, times s, on the smaller side; a whole pass over the
 * activations is saved for each.
 */
export const factorRules: Rules = {
  Multiply: [gatherFactors],
  Add: [commonFactor],
  Sub: [commonFactor],
  Sum: [sumFirst],
  Reshape: [reshapeCore],
  BatchMatMul: [matMulFirst],
  ConvolveInputGradient: [ontoKernel],
  ConvolveKernelGradient: [offSlopes],
};

/** (x · s) · (y · t) = (x · y) · (s · t). */
function gatherFactors({ inputs: [a, b], shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  if (dtype !== 'float32') return undefined;
  const parts = [a!, b!].map((input) => factorize(input, make, shape));
  const factors = parts.flatMap((part) => part.factors);
  if (factors.length === 0 || !canMeet(factors)) return undefined;
  const cores = parts.flatMap(({ core }) => (core ? [core] : [])).sort((one, other) => one.id - other.id);
  const core = cores.length === 2 ? make.raw.binary('Multiply', cores[0]!, cores[1]!) : cores[0];
  return make.broadcast(join({ core, factors }, make), shape);
}

interface Term extends Factored {
  readonly sign: 1 | -1;
}

/** x · s ± y · s · t = (x ± y · t) · s, where that frees a tensor of its factors. */
function commonFactor({ kernel, inputs: [a, b], shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  if (dtype !== 'float32' || sizeOf(shape) === 1) return undefined;
  const terms = [...termsOf(a!, shape, 1, make), ...termsOf(b!, shape, kernel === 'Add' ? 1 : -1, make)];
  const common = intersection(terms.map(({ factors }) => factors)).filter((factor) => uniformValue(factor) === undefined);
  const isFreed = ({ core, factors }: Term) => core !== undefined && factors.length === common.length;
  if (common.length === 0 || !terms.some((term) => isFreed(term))) return undefined;
  const [first, ...rest] = terms
    .map(({ sign, core, factors }) => ({ sign, value: join({ core, factors: without(factors, common) }, make) }))
    .sort((one, other) => other.sign - one.sign); // a positive one first, where there is one
  const start = first!.sign === 1 ? first!.value : make.binary('Multiply', first!.value, make.constant(-1, []));
  const sum = rest.reduce((total, { sign, value }) => make.raw.binary(sign === 1 ? 'Add' : 'Sub', total, value), start);
  return make.broadcast(make.binary('Multiply', sum, product(common, make)!), shape); // common is not empty
}

/** The terms of a sum, and of a sum in it that is scaled: (u + v) · s is u · s + v · s. */
function termsOf(node: GraphNode, shape: Shape, sign: 1 | -1, make: Make): readonly Term[] {
  const { core, factors } = factorize(node, make, shape);
  const isSum = core && (core.kernel === 'Add' || core.kernel === 'Sub') && sameShape(core.shape, shape);
  if (!isSum) return [{ sign, core, factors }];
  const [a, b] = core.inputs as [GraphNode, GraphNode];
  const other = core.kernel === 'Add' ? sign : ((-sign) as 1 | -1);
  const scaled = (part: GraphNode, partSign: 1 | -1): Term => {
    const inner = factorize(part, make, shape);
    return { sign: partSign, core: inner.core, factors: [...inner.factors, ...factors] };
  };
  const terms = [scaled(a, sign), scaled(b, other)];
  return terms.every((term) => canMeet(term.factors)) ? terms : [{ sign, core, factors }];
}

/** Σ x · s = s · Σ x, for factors that do not vary along what is summed. */
function sumFirst({ inputs: [x], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const axes = attributes['axes'] as number[];
  const { core, factors } = factorize(x!, make);
  const rank = x!.shape.length;
  const isSteady = (factor: GraphNode) => axes.every((axis) => (factor.shape[axis - rank + factor.shape.length] ?? 1) === 1);
  const [steady, varying] = [factors.filter((factor) => isSteady(factor)), factors.filter((factor) => !isSteady(factor))];
  if (!core || steady.length === 0) return undefined;
  const keepDims = Boolean(attributes['keepDims']);
  const summed = make.reduce('Sum', join({ core, factors: varying }, make), axes, true);
  const scaled = make.binary('Multiply', summed, product(steady, make)!);
  return keepDims ? scaled : make.reshape(scaled, shape);
}

/** A reshape that leaves the columns alone, and the tasks of factors that have them, may come first. */
function reshapeCore({ inputs: [x], shape }: Candidate, make: Make): GraphNode | undefined {
  const { core, factors } = factorize(x!, make);
  // Numbers come after a reshape already.
  if (!core || factors.every((factor) => factor.shape.length === 0)) return undefined;
  const moved = factors.map((factor) => reshapedFactor(factor, x!.shape, shape, make));
  if (moved.includes(undefined)) return undefined;
  return make.binary('Multiply', make.reshape(core, shape), product(moved as GraphNode[], make)!);
}

function reshapedFactor(factor: GraphNode, before: Shape, after: Shape, make: Make): GraphNode | undefined {
  if (factor.shape.length === 0) return factor;
  const columns = factor.shape.at(-1)!;
  const size = sizeOf(factor.shape);
  if (columns !== 1 && columns !== after.at(-1)) return undefined;
  if (after.length < 2 || before.length < 2) return undefined;
  if (size === columns) return make.reshape(factor, [...after.slice(0, -1).map(() => 1), columns]);
  const tasks = before.length === factor.shape.length && size === before[0]! * columns && before[0] === after[0];
  return tasks ? make.reshape(factor, [after[0]!, ...after.slice(1, -1).map(() => 1), columns]) : undefined;
}

/** (A · s) B and A (B · s): the factor goes to the result, or to the smaller operand where it runs along the inner axis. */
function matMulFirst({ inputs: [a, b], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const how = attributes as Required<MatMulAttributes>;
  const [left, own] = [factorize(a!, make), factorize(b!, make)];
  const right = canMeet([...left.factors, ...own.factors]) ? own : { core: b, factors: [] };
  const outside: GraphNode[] = [];
  const [ontoA, ontoB]: [GraphNode[], GraphNode[]] = [[], []];
  let alpha = how.alpha;
  const take = (part: Factored, own: GraphNode, other: GraphNode, side: 'a' | 'b'): Factored => {
    const kept = part.factors.filter((factor) => {
      const constant = uniformValue(factor);
      const isInner = side === 'a' ? !how.transposeA : how.transposeB;
      if (constant !== undefined && isNormal(alpha * constant)) alpha *= constant;
      else if (!isInner || sizeOf(factor.shape) === 1) {
        if (sizeOf(shape) >= sizeOf(own.shape)) return true;
        outside.push(side === 'a' && sizeOf(factor.shape) > 1 ? turned(factor, make) : factor);
      } else {
        if (sizeOf(other.shape) >= sizeOf(own.shape)) return true;
        const otherColumns = side === 'a' ? how.transposeB : !how.transposeA; // whether the inner axis is the other's columns
        (side === 'a' ? ontoB : ontoA).push(otherColumns ? factor : turned(factor, make));
      }
      return false;
    });
    return { core: part.core, factors: kept };
  };
  const [restA, restB] = [take(left, a!, b!, 'a'), take(right, b!, a!, 'b')];
  const isSame = restA.factors.length === left.factors.length && restB.factors.length === right.factors.length;
  if (isSame || !left.core || !right.core) return undefined;
  const scaled = (rest: Factored, more: readonly GraphNode[]) => {
    const base = join(rest, make);
    return more.length > 0 ? make.binary('Multiply', base, product(more, make)!) : base;
  };
  const made = make.matMul(scaled(restA, ontoA), scaled(restB, ontoB), { ...how, alpha });
  return outside.length > 0 ? make.binary('Multiply', made, product(outside, make)!) : made;
}

/** A row `[..., 1, n]` as a column `[..., n, 1]`. */
function turned(factor: GraphNode, make: Make): GraphNode {
  const { shape } = factor;
  const [batch, columns] = [shape.slice(0, -2), shape.at(-1)!];
  return make.reshape(factor, [...batch, columns, 1]);
}

/** The gradient of x from dy · s is that from dy, with the kernel scaled. */
function ontoKernel({ kernel, inputs: [dy, weights], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const { core, factors } = factorize(dy!, make);
  if (!core || factors.length === 0) return undefined;
  const fits = factors.every((factor) => factor.shape.length < 3 || factor.shape[0] === 1 || factor.shape[0] === weights!.shape[0]);
  return fits ? make.node(kernel, [core, make.binary('Multiply', weights!, product(factors, make)!)], attributes, shape) : undefined;
}

/** The gradient of the kernel from dy · s is that from dy, times s. */
function offSlopes({ kernel, inputs: [x, dy], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const { core, factors } = factorize(dy!, make);
  if (!core || factors.length === 0) return undefined;
  return make.binary('Multiply', make.node(kernel, [x!, core], attributes, shape), product(factors, make)!);
}
