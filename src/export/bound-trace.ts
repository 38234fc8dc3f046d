import type * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { readHost } from '../core/host-tensor';
import { mapRecord } from '../core/params';
import type { Shape } from '../core/shape';
import { convolutionExpansions } from '../graph/expand-convolutions';
import { graphBuilder, reachable, remake, type Graph, type GraphNode } from '../graph/graph';
import { arithmeticRules, identityRules } from '../graph/rules-arithmetic';
import { layoutRules } from '../graph/rules-layout';
import { matrixRules } from '../graph/rules-matrices';
import { simplify, type Candidate, type Rule } from '../graph/simplify';
import { dropTaskAxis } from '../graph/single-task';
import { trace } from '../trace/trace';

/**
 * What a function of one tensor computes, as a graph of one input and one output: tensors that the function uses from outside
 * are constants in it.
 *
 * @throws EngineError for a function that draws noise, or cannot be traced
 */
export function boundTrace(where: string, fn: (x: tf.Tensor) => tf.Tensor, inputShape: Shape): Graph {
  const { graph, noise, captured } = trace(([x]) => [fn(x!)], [{ shape: inputShape, dtype: 'float32' }]);
  if (noise.length > 0) throw new EngineError(`${where}: expected a function without noise, got one that draws some.`);
  return bindInputs(graph, captured.map((tensor) => readHost(tensor).values));
}

/** The same with less to do, for those who read it: an ordinary convolution, of one kernel, stays whole. */
export function readableTrace(where: string, fn: (x: tf.Tensor) => tf.Tensor, inputShape: Shape): Graph {
  const isOrdinary = ({ kernel, inputs }: Candidate) => kernel === 'Convolve' && inputs[1]!.shape[0] === 1;
  const expansions = mapRecord(convolutionExpansions, (rules) => rules.map((rule): Rule => (candidate, make) => (isOrdinary(candidate) ? undefined : rule(candidate, make))));
  return dropTaskAxis(simplify(boundTrace(where, fn, inputShape), [layoutRules, arithmeticRules, identityRules, matrixRules, expansions]));
}

/** The inputs after the first as constants. */
function bindInputs({ inputs, outputs }: Graph, values: readonly NonNullable<GraphNode['values']>[]): Graph {
  const make = graphBuilder();
  const twins = new Map<GraphNode, GraphNode>();
  inputs.forEach((node, index) => {
    const { shape, dtype } = node;
    twins.set(node, index === 0 ? make.input(shape, dtype) : make.constant(values[index - 1]!.slice(), shape, dtype));
  });
  const twin = (node: GraphNode) => twins.get(node)!; // inputs of a node come before it
  for (const node of reachable(outputs)) if (!twins.has(node)) twins.set(node, remake(node, twin, make));
  return { inputs: [twin(inputs[0]!)], outputs: outputs.map(twin) };
}
