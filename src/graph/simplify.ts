import { formatShape, sameShape } from '../core/shape';
import { graphBuilder, reachable, remake, type Graph, type GraphNode } from './graph';
import { graphOps, type GraphOps } from './graph-ops';

/** A node that is about to be made. */
export type Candidate = Omit<GraphNode, 'id'>;

/** Something better than the candidate, of the same values and shape; undefined to make the candidate as it is. */
export type Rule = (candidate: Candidate, make: Make) => GraphNode | undefined;

/** Rules by kernel, tried in order. */
export type Rules = Readonly<Record<string, readonly Rule[]>>;

export interface Make extends GraphOps {
  /** Makes nodes to which no rule is applied any more. */
  readonly raw: GraphOps;
}

/** The same function with less to do: every node made anew by the rules. What no output depends on is left out. */
export function simplify({ inputs, outputs }: Graph, tables: readonly Rules[]): Graph {
  const make = ruledOps(tables);
  const twins = new Map<GraphNode, GraphNode>();
  for (const input of inputs) twins.set(input, make.input(input.shape, input.dtype));
  for (const node of reachable(outputs))
    if (!twins.has(node)) twins.set(node, remake(node, (input) => twins.get(input)!, make));
  return { inputs: inputs.map((node) => twins.get(node)!), outputs: outputs.map((node) => twins.get(node)!) };
}

function ruledOps(tables: readonly Rules[]): Make {
  const builder = graphBuilder();
  const raw = graphOps(builder);
  const rulesOf = new Map<string, readonly Rule[]>();
  for (const table of tables)
    for (const [kernel, rules] of Object.entries(table)) rulesOf.set(kernel, [...(rulesOf.get(kernel) ?? []), ...rules]);
  const make: Make = {
    ...graphOps({
      ...builder,
      node(kernel, inputs, attributes, shape, dtype = 'float32') {
        for (const rule of rulesOf.get(kernel) ?? []) {
          const better = rule({ kernel, inputs, attributes, shape, dtype }, make);
          if (!better) continue;
          if (!sameShape(better.shape, shape) || better.dtype !== dtype)
            throw new Error(`Internal: a rule turned ${kernel} ${formatShape(shape)} ${dtype} into ${better.kernel} ${formatShape(better.shape)} ${better.dtype}.`);
          return better;
        }
        return builder.node(kernel, inputs, attributes, shape, dtype);
      },
    }),
    raw,
  };
  return make;
}
