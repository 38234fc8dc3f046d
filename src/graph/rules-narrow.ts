import { sameShape, sizeOf } from '../core/shape';
import { uniformValue, type GraphNode } from './graph';
import { type MatMulAttributes } from './graph-ops';
import { factorize, product } from './factors';
import type { Candidate, Make, Rules } from './simplify';

/**
 * Products of a tall, narrow matrix P (the patches of an image of few channels, say) with W: the result has many more
 * values than P, so that what is linear in it is better done to P, to W, or to the small matrix Pᵀ P. A batch norm after
 * such a product then needs no pass over its values at all: its mean is that of P times W, its variance the diagonal of
 * Wᵀ (Pᵀ P) W, its scale and shift go into W.
 */
export const narrowRules: Rules = {
  Sum: [sumOfNarrow, sumOfProduct],
  Sub: [centred],
  Multiply: [scaled],
  Add: [shifted],
  BatchMatMul: [slopesOfParts, slopesOfCentred],
};

interface Narrow {
  /** `[T, m, k]`. */
  readonly tall: GraphNode;
  /** `[T, k, C]` or `[k, C]`. */
  readonly weights: GraphNode;
  readonly alpha: number;
}

const mostColumns = 16;

function isTall({ shape }: GraphNode): boolean {
  return shape.length === 3 && shape[2]! <= mostColumns && shape[1]! >= 8 * shape[2]!;
}

function asNarrow(node: GraphNode): Narrow | undefined {
  const { transposeA, transposeB, alpha } = node.attributes as Required<MatMulAttributes>;
  if (node.kernel !== 'BatchMatMul' || transposeA || transposeB) return undefined;
  const [tall, weights] = node.inputs as [GraphNode, GraphNode];
  return isTall(tall) && node.shape.length === 3 && node.shape[2]! >= 2 * tall.shape[2]! ? { tall, weights, alpha } : undefined;
}

/** Σ over rows of P W = (Σ P) W. */
function sumOfNarrow({ inputs: [x], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const narrow = isRowSum(x!, attributes) ? asNarrow(x!) : undefined;
  return narrow && make.reshape(make.matMul(make.reduce('Sum', narrow.tall, [1], true), narrow.weights, { alpha: narrow.alpha }), shape);
}

/** Σ over rows of d ∘ (P W) = Σ over P's columns of W ∘ (Pᵀ d); where d is P W too, of W ∘ (Pᵀ P W). */
function sumOfProduct({ inputs: [x], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  if (!isRowSum(x!, attributes) || x!.kernel !== 'Multiply') return undefined;
  const [a, b] = x!.inputs as [GraphNode, GraphNode];
  if (!sameShape(a.shape, x!.shape) || !sameShape(b.shape, x!.shape)) return undefined;
  const [narrow, other] = asNarrow(a) ? [asNarrow(a)!, b] : [asNarrow(b), a];
  if (!narrow) return undefined;
  const { tall, weights, alpha } = narrow;
  const inner =
    a === b
      ? make.matMul(make.matMul(tall, tall, { transposeA: true }), weights, { alpha: alpha * alpha })
      : make.matMul(tall, other, { transposeA: true, alpha });
  const summed = make.reduce('Sum', make.binary('Multiply', inner, weights), [1], true);
  return make.reshape(summed, shape);
}

function isRowSum({ shape }: GraphNode, { axes }: Candidate['attributes']): boolean {
  return shape.length === 3 && (axes as number[]).join() === '1';
}

/** P W − (p W) · s = (P − p · s) W, for a row p and a number s. */
function centred({ inputs: [a, b], shape }: Candidate, make: Make): GraphNode | undefined {
  const narrow = asNarrow(a!);
  if (!narrow || narrow.alpha !== 1 || !sameShape(a!.shape, shape)) return undefined;
  const { factors } = factorize(b!, make, shape);
  const isMean = ({ kernel, inputs, shape: own }: GraphNode) => kernel === 'BatchMatMul' && inputs[1] === narrow.weights && own.at(-2) === 1;
  const mean = factors.find((factor) => isMean(factor));
  const others = factors.filter((factor) => factor !== mean);
  if (!mean || others.some((factor) => factor.shape.length > 0)) return undefined;
  const row = mean.inputs[0]!;
  const scale = product(others, make);
  const shift = scale ? make.binary('Multiply', row, scale) : row;
  return make.matMul(make.binary('Sub', narrow.tall, shift), narrow.weights);
}

/** (P W) · s = P (W · s). */
function scaled({ inputs: [a, b], shape }: Candidate, make: Make): GraphNode | undefined {
  for (const [whole, scale] of [[a!, b!], [b!, a!]] as const) {
    const narrow = asNarrow(whole);
    const { core, factors } = factorize(scale, make, shape);
    if (!narrow || core || factors.length === 0 || !sameShape(whole.shape, shape)) continue;
    const factor = product(factors, make)!;
    const { length } = narrow.weights.shape;
    const fits = factor.shape.length < length || factor.shape[0] === 1 || (factor.shape.length === length && factor.shape[0] === narrow.weights.shape[0]);
    if (fits) return make.matMul(narrow.tall, weigh(narrow.weights, factor, make), { alpha: narrow.alpha });
  }
  return undefined;
}

/** Weights times a row or number, in the weights' rank. */
function weigh(weights: GraphNode, factor: GraphNode, make: Make): GraphNode {
  const isFlat = weights.shape.length === 2 && factor.shape.length === 3;
  return make.binary('Multiply', weights, isFlat ? make.reshape(factor, factor.shape.slice(1)) : factor);
}

/** P W + r = [P 1] [W; r], for a row r. */
function shifted({ inputs: [a, b], shape }: Candidate, make: Make): GraphNode | undefined {
  for (const [whole, row] of [[a!, b!], [b!, a!]] as const) {
    const narrow = asNarrow(whole);
    if (!narrow || row.shape.at(-1) !== shape.at(-1) || (row.shape.at(-2) ?? 1) !== 1 || !sameShape(whole.shape, shape)) continue;
    const { tall, weights, alpha } = narrow;
    const lastShape = [...weights.shape.slice(0, -2), 1, shape.at(-1)!];
    if (sizeOf(row.shape) !== sizeOf(lastShape)) continue;
    const ones = make.constant(1, [tall.shape[0]!, tall.shape[1]!, 1]);
    const last = make.reshape(row, lastShape);
    return make.raw.matMul(make.concat([tall, ones], 2), make.concat([make.binary('Multiply', weights, make.constant(alpha, [])), last], weights.shape.length - 2));
  }
  return undefined;
}

/** Pᵀ (d − r − Q W) = Pᵀ d − (Σ P)ᵀ r − (Pᵀ Q) W, for a row r. */
function slopesOfParts({ inputs: [tall, x], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const { transposeA, transposeB, alpha } = attributes as Required<MatMulAttributes>;
  if (!transposeA || transposeB || alpha !== 1 || !isTall(tall!)) return undefined;
  if ((x!.kernel !== 'Sub' && x!.kernel !== 'Add') || !sameShape(x!.shape, [...x!.shape.slice(0, 1), tall!.shape[1]!, shape.at(-1)!])) return undefined;
  const parts = x!.inputs.map((part) => slopesOf(tall!, part, x!.shape, make));
  const hasRows = ({ shape: own }: GraphNode) => own.length >= 2 && own.at(-2) === tall!.shape[1]; // a number has none
  if (parts.every((part) => part === undefined) || !x!.inputs.every((part, index) => parts[index] ?? hasRows(part))) return undefined;
  const whole = x!.inputs.map((part, index) => parts[index] ?? make.matMul(tall!, part, { transposeA }));
  return make.broadcast(make.binary(x!.kernel, whole[0]!, whole[1]!), shape);
}

/** The cheap part of `slopesOfParts`; undefined where there is none. */
function slopesOf(tall: GraphNode, part: GraphNode, shape: Candidate['shape'], make: Make): GraphNode | undefined {
  if (part.shape.at(-1) === shape.at(-1) && (part.shape.at(-2) ?? 1) === 1 && shape.at(-2) !== 1) {
    const row = make.reshape(part, [...Array.from({ length: 3 - part.shape.length }, () => 1), ...part.shape]);
    return make.matMul(make.reduce('Sum', tall, [1], true), row, { transposeA: true });
  }
  const narrow = asNarrow(part);
  if (narrow) return make.matMul(make.matMul(tall, narrow.tall, { transposeA: true }), narrow.weights, { alpha: narrow.alpha });
  const isSum = (part.kernel === 'Sub' || part.kernel === 'Add') && sameShape(part.shape, shape);
  return isSum ? make.matMul(tall, part, { transposeA: true }) : undefined;
}

/** (P − p)ᵀ d = Pᵀ d − pᵀ (Σ d): of P there is often Pᵀ d already. */
function slopesOfCentred({ inputs: [tall, x], attributes }: Candidate, make: Make): GraphNode | undefined {
  const { transposeA, transposeB, alpha } = attributes as Required<MatMulAttributes>;
  if (!transposeA || transposeB || alpha !== 1 || !isTall(tall!) || tall!.kernel !== 'Sub' || x!.shape.length !== 3) return undefined;
  const [whole, row] = tall!.inputs as [GraphNode, GraphNode];
  const isRow = row.shape.length === 3 && row.shape[1] === 1 && sameShape(whole.shape, tall!.shape);
  if (!isRow || x!.shape[2]! <= mostColumns || uniformValue(x!) !== undefined || asNarrow(x!)) return undefined;
  const summed = make.reduce('Sum', x!, [1], true);
  return make.binary('Sub', make.matMul(whole, x!, { transposeA }), make.matMul(row, summed, { transposeA: true }));
}
