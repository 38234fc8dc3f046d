import { sizeOf } from '../core/shape';
import type { Graph, GraphNode } from './graph';

/** Where an output of a function comes from: an output of the model, or the product of two that are a column and a row. */
export type OutputSource = { readonly whole: number } | { readonly column: number; readonly row: number };

/** A graph with shorter outputs. */
export interface SplitOutputs {
  readonly graph: Graph;
  /** For each output of the function. */
  readonly outputs: readonly OutputSource[];
}

/** Smaller products are not worth it. */
const worthwhile = 1 << 15;

/**
 * Outputs that are a column times a row, such as the gradient of a generator's last layer, leave the runtime as the two:
 * it copies its outputs, and the product has many more values.
 */
export function splitOuterOutputs({ inputs, outputs }: Graph): SplitOutputs {
  const split: GraphNode[] = [];
  const place = (node: GraphNode) => split.push(node) - 1;
  const sources = outputs.map((node): OutputSource => {
    const factors = outerFactors(node);
    return factors ? { column: place(factors.column), row: place(factors.row) } : { whole: place(node) };
  });
  return { graph: { inputs, outputs: split }, outputs: sources };
}

/** A product whose values are those of a column, each times all those of a row. */
function outerFactors({ kernel, inputs, shape, dtype }: GraphNode): { readonly column: GraphNode; readonly row: GraphNode } | undefined {
  if (kernel !== 'Multiply' || dtype !== 'float32' || sizeOf(shape) < worthwhile) return undefined;
  const [a, b] = inputs as [GraphNode, GraphNode];
  for (const [column, row] of [[a, b], [b, a]] as const) {
    const isProduct = sizeOf(column.shape) * sizeOf(row.shape) === sizeOf(shape) && sizeOf(column.shape) > 1;
    const lastOfColumn = shape.length - 1 - [...column.shape].reverse().findIndex((size) => size > 1);
    const firstOfRow = shape.length - row.shape.length + row.shape.findIndex((size) => size > 1);
    if (isProduct && column.shape.length === shape.length && lastOfColumn < firstOfRow) return { column, row };
  }
  return undefined;
}
