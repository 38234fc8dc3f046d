import { sizeOf } from '../core/shape';
import { uniformValue, type GraphNode } from './graph';
import type { MatMulAttributes } from './graph-ops';
import type { Candidate, Make, Rules } from './simplify';

/** Products of matrices: fewer copies, fewer transposes, one large product rather than many small ones. */
export const matrixRules: Rules = {
  BatchMatMul: [zeroProduct, sharedCopies, transposedOperand, sumOfRows, outerProduct, oneProduct],
  Sum: [sumOfProducts],
};

const read = (attributes: Candidate['attributes']) => attributes as Required<MatMulAttributes>;

function zeroProduct({ inputs, shape }: Candidate, make: Make): GraphNode | undefined {
  return inputs.some((input) => uniformValue(input) === 0) ? make.constant(0, shape) : undefined;
}

/** A matrix that was copied for each task need not be: products broadcast. */
function sharedCopies({ inputs: [a, b], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const strip = (node: GraphNode): GraphNode => {
    const small = node.kernel === 'BroadcastTo' ? node.inputs[0]! : node;
    const sameMatrix = small.shape.length >= 2 && small.shape.at(-1) === node.shape.at(-1) && small.shape.at(-2) === node.shape.at(-2);
    return sameMatrix ? small : node;
  };
  const [left, right] = [strip(a!), strip(b!)];
  if (left === a && right === b) return undefined;
  return make.broadcast(make.matMul(left, right, read(attributes)), shape);
}

function transposedOperand({ inputs: [a, b], attributes }: Candidate, make: Make): GraphNode | undefined {
  const { transposeA, transposeB, alpha } = read(attributes);
  const isTurned = (node: GraphNode) => {
    const perm = node.kernel === 'Transpose' ? (node.attributes['perm'] as number[]) : [];
    const last = perm.length - 1;
    return perm.length >= 2 && perm.every((axis, at) => axis === (at < last - 1 ? at : at === last ? last - 1 : last));
  };
  if (isTurned(a!)) return make.matMul(a!.inputs[0]!, b!, { transposeA: !transposeA, transposeB, alpha });
  return isTurned(b!) ? make.matMul(a!, b!.inputs[0]!, { transposeA, transposeB: !transposeB, alpha }) : undefined;
}

/** A row of equal numbers times a matrix sums its rows. */
function sumOfRows({ inputs: [a, b], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const { transposeA, transposeB, alpha } = read(attributes);
  const value = uniformValue(a!);
  if (value === undefined || shape.at(-2) !== 1 || transposeA) return undefined;
  const sum = make.reduce('Sum', b!, [b!.shape.length - (transposeB ? 1 : 2)], true);
  const row = transposeB ? make.reshape(sum, [...b!.shape.slice(0, -2), 1, b!.shape.at(-2)!]) : sum;
  return make.broadcast(make.binary('Multiply', row, make.constant(value * alpha, [])), shape);
}

/** A column times a row. */
function outerProduct({ inputs: [a, b], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const { transposeA, transposeB, alpha } = read(attributes);
  if (a!.shape.at(transposeA ? -2 : -1) !== 1) return undefined;
  const column = transposeA ? make.reshape(a!, [...a!.shape.slice(0, -2), a!.shape.at(-1)!, 1]) : a!;
  const row = transposeB ? make.reshape(b!, [...b!.shape.slice(0, -2), 1, b!.shape.at(-2)!]) : b!;
  const made = make.binary('Multiply', column, row);
  return make.broadcast(make.binary('Multiply', made, make.constant(alpha, [])), shape);
}

/** Where all tasks share the right-hand matrix, their rows go through one product: the runtime sees it by the rank. */
function oneProduct({ inputs: [a, b], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const { transposeA, ...how } = read(attributes);
  const isShared = b!.shape.length > 2 && sizeOf(b!.shape.slice(0, -2)) === 1 && a!.shape.length >= b!.shape.length;
  if (transposeA || !isShared) return undefined;
  return make.broadcast(make.matMul(a!, make.reshape(b!, b!.shape.slice(-2)), how), shape);
}

/** Σ over tasks of Aᵀ B is one product over the rows of all. */
function sumOfProducts({ inputs: [x], attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  if (x!.kernel !== 'BatchMatMul' || x!.shape.length !== 3 || (attributes['axes'] as number[]).join() !== '0') return undefined;
  const { transposeA, transposeB, alpha } = read(x!.attributes);
  const [a, b] = x!.inputs as [GraphNode, GraphNode];
  const alike = a.shape.length === 3 && b.shape.length === 3 && a.shape[0] === b.shape[0];
  if (!transposeA || transposeB || !alike) return undefined;
  const flat = (node: GraphNode) => make.reshape(node, [node.shape[0]! * node.shape[1]!, node.shape[2]!]);
  return make.reshape(make.matMul(flat(a), flat(b), { transposeA, alpha }), shape);
}
