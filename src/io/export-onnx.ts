import type * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { readHost } from '../core/host-tensor';
import type { Shape } from '../core/shape';
import { reduceWork } from '../engine/program';
import { graphBuilder, reachable, remake, type Graph, type GraphNode } from '../graph/graph';
import { lower } from '../onnx/lower';
import { trace } from '../trace/trace';

/**
 * A function of one tensor as the bytes of an ONNX model of standard operators: `input0` → `output0`. Tensors that the function
 * uses from outside are stored in the model.
 *
 * @throws EngineError for a function that draws noise, or has an operation without a counterpart
 */
export function functionToOnnx(fn: (x: tf.Tensor) => tf.Tensor, inputShape: Shape): Uint8Array {
  const { graph, noise, captured } = trace(([x]) => [fn(x!)], [{ shape: inputShape, dtype: 'float32' }]);
  if (noise.length > 0) throw new EngineError('functionToOnnx: expected a function without noise, got one that draws some.');
  const bound = bindInputs(graph, 1, captured.map((tensor) => readHost(tensor).values));
  return lower(reduceWork(bound), 'standard').bytes;
}

/** The inputs from number `first` on as constants. */
function bindInputs({ inputs, outputs }: Graph, first: number, values: readonly NonNullable<GraphNode['values']>[]): Graph {
  const make = graphBuilder();
  const twins = new Map<GraphNode, GraphNode>();
  inputs.forEach((node, index) => {
    const { shape, dtype } = node;
    twins.set(node, index < first ? make.input(shape, dtype) : make.constant(values[index - first]!.slice(), shape, dtype));
  });
  const twin = (node: GraphNode) => twins.get(node)!; // inputs of a node come before it
  for (const node of reachable(outputs)) if (!twins.has(node)) twins.set(node, remake(node, twin, make));
  return { inputs: inputs.slice(0, first).map(twin), outputs: outputs.map(twin) };
}
