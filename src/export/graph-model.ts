import type * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import type { HostTensor } from '../core/host-tensor';
import { sameShape, sizeOf, type Shape } from '../core/shape';
import { elementwise } from '../graph/elementwise';
import { reachable, toValues, uniformValue, type GraphNode } from '../graph/graph';
import { readableTrace } from './bound-trace';
import { graphLowerings } from './graph-lowerings';
import { attributes, graphWriter, type GraphWriter, type ModelNode } from './graph-writer';
import { sizesForAnyNumber, type Size } from './sample-axis';

/** A function as the nodes of a TensorFlow.js graph model: `input` `[n, ...]` → `output`. */
export interface GraphTopology {
  readonly modelTopology: tf.io.ModelArtifacts['modelTopology'] & object;
  readonly signature: object;
  readonly weights: Readonly<Record<string, HostTensor>>;
  /** The only number of samples that it takes, and why; absent where it takes any. */
  readonly fixed?: { readonly samples: number; readonly reason: string };
}

/** Primes that are rarely the size of a layer, so that an axis that has grown is one of samples. */
const [someSamples, moreSamples] = [11, 13];

/**
 * A function of samples `[n, ...inputShape]` as a graph model, for any n; for `batch` samples alone where its operations depend
 * on their number.
 *
 * @throws EngineError for a function that draws noise, or has an operation without a counterpart
 */
export function graphModel(fn: (x: tf.Tensor) => tf.Tensor, inputShape: Shape, batch: number): GraphTopology {
  const traceFor = (samples: number) => ({ samples, graph: readableTrace('toTfjs', fn, [samples, ...inputShape]) });
  const one = traceFor(someSamples);
  const sizes = sizesForAnyNumber(one, traceFor(moreSamples));
  const isOpen = typeof sizes !== 'string';
  const { graph } = isOpen ? one : traceFor(batch);

  const write = graphWriter('input', isOpen ? sizes : undefined);
  const [input, output] = [graph.inputs[0]!, graph.outputs[0]!];
  const inputSizes: readonly Size[] = isOpen ? [{ perSample: 1 }, ...inputShape] : input.shape;
  const names = new Map<GraphNode, string>();
  names.set(input, write.emit('Placeholder', [], { dtype: attributes.type('float32'), shape: attributes.shape(inputSizes) }, 'input'));
  const operand = (node: GraphNode, consumer?: GraphNode) => names.get(node) ?? constant(node, consumer, write);
  for (const node of reachable(graph.outputs)) {
    if (node.kernel === 'Input' || node.kernel === 'Constant') continue;
    const lowering = Object.hasOwn(graphLowerings, node.kernel) ? graphLowerings[node.kernel] : undefined;
    if (!lowering) throw new EngineError(`toTfjs: expected operations that a graph model has, got ${node.kernel}; write the network with others.`);
    names.set(node, lowering(node, node.inputs.map((each) => operand(each, node)), write));
  }
  write.emit('Identity', [operand(output)], {}, 'output');
  const used = usedNodes(write.nodes, 'output');

  const port = (name: string, sizes: readonly Size[]) => ({ [name]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: attributes.shape(sizes)['shape'] } });
  return {
    modelTopology: { node: used, versions: { producer: 1 } },
    signature: { inputs: port('input', inputSizes), outputs: port('output', write.sizes(output)) },
    weights: Object.fromEntries(Object.entries(write.weights).filter(([name]) => used.some((node) => node.name === name))),
    ...(isOpen ? {} : { fixed: { samples: batch, reason: sizes } }),
  };
}

/** Those that a node depends on, in order: reshapes of reshapes leave some that nothing needs. */
function usedNodes(nodes: readonly ModelNode[], last: string): readonly ModelNode[] {
  const used = new Set([last, 'input']);
  for (const { name, input = [] } of [...nodes].reverse()) if (used.has(name)) for (const each of input) used.add(each);
  return nodes.filter(({ name }) => used.has(name));
}

/** A constant as a consumer wants it: one value where that broadcasts to the same result. */
function constant(node: GraphNode, consumer: GraphNode | undefined, write: GraphWriter): string {
  const value = uniformValue(node);
  if (value === undefined) return write.constant(node.values!, node.shape, node.dtype);
  const scalar = () => write.scalar(value, node.dtype);
  const isWhole = ({ shape, values }: GraphNode) => !values && sameShape(shape, consumer!.shape);
  if (consumer && elementwise.has(consumer.kernel) && consumer.inputs.some((input) => isWhole(input))) return scalar();
  const sizes = write.sizes(node);
  if (sizes.some((size) => typeof size !== 'number')) return write.emit('BroadcastTo', [scalar(), write.shape(sizes)]);
  return write.constant(toValues(new Float64Array(sizeOf(node.shape)).fill(value), node.dtype), node.shape, node.dtype);
}
